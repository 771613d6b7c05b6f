/**
 * Plimsoll's own console as a service like others, so that the same model watches it. It is monitored and never more, is for no team's
 * eyes but those of who oversees the installation (the access policy says so), and has one API key that follows from the master
 * key: every process of the console has the same one, none is stored, and a new master key ends the old one.
 */
import { hkdfSync } from 'node:crypto';
import { SELF_SERVICE } from '@plimsoll/contracts';
import type { Database } from './database.js';
import { hashId } from './ids.js';
import { adoptKey, keyTextOf } from './keys.js';
import { createService } from './services.js';

const KEY_BYTES = 44;

/**
 * Sees to it that the service and its key are there.
 *
 * @param masterKey 32 bytes
 * @returns the text of the key, with which request logs are sent.
 */
export async function ensureSelfService(db: Database, masterKey: Buffer, now: number): Promise<string> {
  const text = keyTextOf(Buffer.from(hkdfSync('sha256', masterKey, '', 'plimsoll: key of the own service', KEY_BYTES)));
  await db.transaction(async (tx) => {
    await createService(tx, { id: SELF_SERVICE, team: 'plimsoll', policy: 'monitor', dryRun: false }, now);
    await adoptKey(tx, { service: SELF_SERVICE, name: 'the console itself', scopes: ['ingest:write'] }, text, now);
  });
  return text;
}

/** What stands for a session where its requests are logged: a digest, from which nobody gets back to it. */
export const sessionCredential = (sessionId: string): string => hashId('ses', SELF_SERVICE, sessionId);
