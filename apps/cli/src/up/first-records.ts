/**
 * What a new installation needs before anyone can use it: tables, the demo's service with its key, and the first person.
 * Run at every start; what is there already stays as it is, also a policy that somebody has changed.
 */
import {
  createKey,
  createService,
  createSignInLink,
  type Database,
  ensureFirstPerson,
  findKeyByPrefix,
  readKeyText,
  secretMatches,
} from '@plimsoll/storage';
import type { Secrets } from './secrets.js';

export const DEMO_SERVICE = 'demo';
const FIRST_PERSON = 'admin';

/** The demo's ingest key: the kept one while the database accepts it, else a new one. */
export async function demoKey(db: Database, secrets: Secrets, now: number): Promise<string> {
  await createService(db, { id: DEMO_SERVICE, environment: 'demo', policy: 'throttle' }, now);
  const kept = secrets.demoKey;
  const parts = kept === undefined ? undefined : readKeyText(kept);
  if (kept !== undefined && parts !== undefined) {
    const stored = await findKeyByPrefix(db, parts.prefix);
    if (secretMatches(stored, parts.secret) && stored.key.revokedAt === null) return kept;
  }
  return (await createKey(db, { service: DEMO_SERVICE, name: 'demo' }, now)).secret;
}

/** Address of a fresh sign-in link for the first person, good once. */
export async function signInUrl(db: Database, adminUrl: string, now: number): Promise<string> {
  const person = await ensureFirstPerson(db, FIRST_PERSON, now);
  const token = await createSignInLink(db, person.id, now);
  return new URL(`/sign-in#${token}`, adminUrl).href;
}
