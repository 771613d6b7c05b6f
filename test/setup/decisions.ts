/** What is in force in a service, oldest version first. */
import type { Decision, FeedFrame } from '@plimsoll/contracts';
import { type Database, inForce, schema, toDecision } from '@plimsoll/storage';
import { and, asc, eq } from 'drizzle-orm';

export async function activeDecisions(db: Database, service: string, now: number): Promise<Decision[]> {
  const { decision } = schema;
  const rows = await db
    .select()
    .from(decision)
    .where(and(eq(decision.service, service), inForce(now)))
    .orderBy(asc(decision.version));
  return rows.map(toDecision);
}

/** The frames in a text of the feed; whether they are signed as they must be is for others to see. */
export const framesOf = (text: string): FeedFrame[] =>
  [...text.matchAll(/^data: (\{"type":.*)$/gm)].map(([, payload]) => JSON.parse(payload ?? ''));
