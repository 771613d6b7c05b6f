/**
 * Who has just proved itself: for a while policies put no throttle and no challenge on that actor, or the proof would have
 * been for nothing with the next request of the same episode. Blocks are not held up, and a day has few proofs (proofs.ts),
 * so that this is no way to stay unhindered.
 */
import type { EnforceableSubject } from '@plimsoll/contracts';
import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from './database.js';
import { proof } from './schema-channel.js';

/** With {@link MAX_PROOFS_A_DAY} of them, half an hour a day at most. */
export const PROOF_HOLD_MS = 10 * 60_000;

export async function hasProvedItself(
  tx: Transaction,
  { service, subject }: { service: string; subject: EnforceableSubject },
  now: number,
): Promise<boolean> {
  if (subject.type !== 'actor') return false;
  const lately = sql`${proof.times}[cardinality(${proof.times})] > ${now - PROOF_HOLD_MS}`;
  const rows = await tx
    .select({ actor: proof.actor })
    .from(proof)
    .where(and(eq(proof.service, service), eq(proof.actor, subject.id), lately));
  return rows.length > 0;
}
