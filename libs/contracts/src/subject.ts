/** Whom a finding or decision is about. */
import { z } from 'zod';

export const subjectTypes = ['actor', 'address', 'credential', 'endpoint', 'service'] as const;
export const subjectTypeSchema = z.enum(subjectTypes);
export type SubjectType = z.infer<typeof subjectTypeSchema>;

export const subjectSchema = z.object({ type: subjectTypeSchema, id: z.string().min(1).max(768) });
export type Subject = z.infer<typeof subjectSchema>;
