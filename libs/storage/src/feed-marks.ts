/**
 * Marks of versions: a random text with each version of a service's decisions. A reader names the mark of what it holds; where PostgreSQL was
 * restored from an older backup and has gone on since, the same number stands for other decisions and has another mark, and the
 * reader is given everything anew. Kept for as long as a change since a version can be told.
 */
import { randomBytes } from 'node:crypto';
import { and, eq, lt } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { feedMark } from './schema-channel.js';

/** Somewhat more than a reader may be behind, see feed.ts. */
const KEPT_VERSIONS = 6_000;
const DISCARD_EVERY = 500;

/** To be called with the service's row locked. */
export async function markVersion(tx: Transaction, service: string, version: number): Promise<void> {
  await tx.insert(feedMark).values({ service, version, mark: randomBytes(9).toString('base64url') });
  if (version % DISCARD_EVERY !== 0) return;
  await tx.delete(feedMark).where(and(eq(feedMark.service, service), lt(feedMark.version, version - KEPT_VERSIONS)));
}

/** Empty where the version has none: it is older than marks, or than those that are kept. */
export async function markOf(db: Database | Transaction, service: string, version: number): Promise<string> {
  const [row] = await db
    .select({ mark: feedMark.mark })
    .from(feedMark)
    .where(and(eq(feedMark.service, service), eq(feedMark.version, version)));
  return row?.mark ?? '';
}
