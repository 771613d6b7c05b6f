/** Decisions as people read them: the list, newest first. */
import type { Decision } from '@plimsoll/contracts';
import { and, asc, desc, eq, not, sql } from 'drizzle-orm';
import { behind, type Cursor, type Page, toPage } from './cursors.js';
import type { Database } from './database.js';
import { inForce, toDecision } from './decisions.js';
import { decision } from './schema.js';

export interface DecisionFilter {
  service?: string | undefined;
  /** True: in force at `now`. False: over or lifted. */
  active?: boolean | undefined;
  /** A part of the subject's id, literally: no wildcards. */
  subject?: string | undefined;
  cursor?: Cursor | undefined;
  limit: number;
}

/** Newest first; `now`, in milliseconds, says which are in force. */
export async function listDecisions(db: Database, filter: DecisionFilter, now: number): Promise<Page<Decision>> {
  const { service, active, subject, cursor, limit } = filter;
  const holds = inForce(now)!;
  const rows = await db
    .select()
    .from(decision)
    .where(
      and(
        service === undefined ? undefined : eq(decision.service, service),
        active === undefined ? undefined : active ? holds : not(holds),
        subject === undefined ? undefined : sql`strpos(${decision.subjectId}, ${subject}) > 0`,
        behind(cursor, decision.createdAt, decision.id),
      ),
    )
    .orderBy(desc(decision.createdAt), asc(decision.id))
    .limit(limit + 1);
  return toPage(rows, limit, toDecision, (row) => ({ at: row.createdAt, id: row.id }));
}
