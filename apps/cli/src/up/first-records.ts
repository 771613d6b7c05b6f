/**
 * What a new installation needs before anyone can use it: tables, the demo's service with its key, and the first person.
 * Run at every start; what is there already stays as it is, also a policy that somebody has changed.
 */
import { DEMO_SERVICE, type Person } from '@plimsoll/contracts';
import {
  createKey,
  createService,
  createSignInLink,
  type Database,
  ensureFirstPerson,
  feedKeysFrom,
  findKeyByPrefix,
  hasEnded,
  pinOf,
  readKeyText,
  revokeKey,
  secretMatches,
  turnFeedKeys,
} from '@plimsoll/storage';
import type { Secrets } from './secrets.js';

const FIRST_PERSON = 'admin';

/** The demo's API key: the kept one while the database accepts it and the feed is signed as it pins, else a new one. */
export async function demoKey(db: Database, secrets: Secrets, now: number): Promise<string> {
  await createService(db, { id: DEMO_SERVICE, environment: 'demo', policy: 'throttle', dryRun: false }, now);
  const ring = await turnFeedKeys(db, Buffer.from(secrets.feedKey, 'base64url'), now);
  const kept = secrets.demoKey;
  const parts = kept === undefined ? undefined : readKeyText(kept);
  if (kept !== undefined && parts !== undefined) {
    const stored = await findKeyByPrefix(db, parts.prefix);
    const pinned = feedKeysFrom(ring, parts.pin ?? '') !== undefined;
    if (secretMatches(stored, parts.secret) && !hasEnded(stored.key, now)) {
      if (pinned) return kept;
      await revokeKey(db, stored.key.id, now);
    }
  }
  return (await createKey(db, { service: DEMO_SERVICE, name: 'demo', pin: pinOf(ring) }, now)).secret;
}

/** Whoever came first; made where there is nobody. */
export const firstPerson = (db: Database, now: number): Promise<Person> => ensureFirstPerson(db, FIRST_PERSON, now);

/** Address of a fresh sign-in link for the first person, good once. */
export async function signInUrl(db: Database, adminUrl: string, now: number): Promise<string> {
  const person = await firstPerson(db, now);
  const token = await createSignInLink(db, person.id, now);
  return new URL(`/sign-in#${token}`, adminUrl).href;
}
