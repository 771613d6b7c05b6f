/**
 * What is missing in the history, of one service or of all: request logs that never reached it (marks.ts). The sums are of every
 * gap; a list names the newest. A gap goes with the requests that were received beside it.
 */
import type { HistoryCoverage } from '@plimsoll/contracts';
import { and, count, desc, eq, gte, lt, sql, sum } from 'drizzle-orm';
import type { Database } from '../database.js';
import { service } from '../schema.js';
import { historyGap } from '../schema-history.js';

const DAY_MS = 86_400_000;
const MAX_LISTED = 100;

/** @param service of which; of all where it is undefined. */
export async function readGaps(db: Database, service: string | undefined): Promise<Pick<HistoryCoverage, 'gaps' | 'missing'>> {
  const of = service === undefined ? undefined : eq(historyGap.service, service);
  const rows = await db
    .select({ from: historyGap.fromTs, to: historyGap.toTs, requests: historyGap.requests })
    .from(historyGap)
    .where(of)
    .orderBy(desc(historyGap.toTs))
    .limit(MAX_LISTED);
  const [all] = await db
    .select({ requests: sum(historyGap.requests).mapWith(Number), gaps: count() })
    .from(historyGap)
    .where(of);
  return { gaps: rows.reverse(), missing: { requests: all?.requests ?? 0, gaps: all?.gaps ?? 0 } };
}

/** How many requests are missing in a time: of a gap that reaches beyond it, all, since nobody knows which. `to` is not included. */
export async function missingIn(
  db: Database,
  { service, from, to }: { service: string; from: number; to: number },
): Promise<number> {
  const [row] = await db
    .select({ requests: sql<number>`coalesce(sum(${historyGap.requests}), 0)`.mapWith(Number) })
    .from(historyGap)
    .where(and(eq(historyGap.service, service), lt(historyGap.fromTs, to), gte(historyGap.toTs, from)));
  return row?.requests ?? 0;
}

/** @param days for which the logs of a service are kept that says nothing else. @returns how many went. */
export async function discardGaps(db: Database, now: number, days: number): Promise<number> {
  // Logs go by whole days of receipt: the day itself is one more.
  const own = db.select({ days: service.historyDays }).from(service).where(eq(service.id, historyGap.service));
  const { rowCount } = await db
    .delete(historyGap)
    .where(lt(historyGap.notedAt, sql`${now}::bigint - (coalesce((${own}), ${days}::integer) + 1) * ${DAY_MS}::bigint`));
  return rowCount ?? 0;
}
