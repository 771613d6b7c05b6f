/** The schema of an action's name, apart from the table that it is made of (access-actions.ts), which the dashboard takes without it. */
import { z } from 'zod';
import { accessActionNames } from './access-actions.js';

export const accessActionSchema = z.enum(accessActionNames);
