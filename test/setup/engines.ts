/** Where the engine of the private history is kept for all checkouts of this user: the tests fetch it once. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export const engines = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'plimsoll', 'engines');
