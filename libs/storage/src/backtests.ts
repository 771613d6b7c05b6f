/**
 * Backtests in the records: what was asked, how far it is, what came of it. The row is the truth and the queue only a hint:
 * a job that Redis lost is put in again from here, and a worker goes on only while the row says that it runs, which is how
 * one is cancelled. Kept are the newest; what waits is bounded too.
 */
import type {
  Backtest,
  BacktestDetail,
  BacktestResult,
  BacktestState,
  PolicyMode,
  Settings,
  SettingsPatch,
} from '@plimsoll/contracts';
import { and, asc, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm';
import { behind, type Cursor, type Page, toPage } from './cursors.js';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { backtest } from './schema-backtest.js';
import { type Within, withinServices } from './within.js';

/** Waiting or running at once, of all services: one runs at a time, and nobody waits for a day's worth of them. */
export const MOST_WAITING = 20;
/** Of one name, as the row says by whom it was asked for: one alone never makes all others wait. */
export const MOST_WAITING_EACH = 5;
/** A worker that is restarted begins its backtest anew. */
export const MOST_STARTS = 5;
/** Kept of those that are over. */
const MOST_KEPT = 200;

export interface BacktestDraft {
  service: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  patch: SettingsPatch;
  settings: Settings;
  policy: PolicyMode;
  warmUpDays: number;
  by: string;
}

/** What a worker needs to run it. */
export interface BacktestTask {
  id: string;
  service: string;
  from: number;
  to: number;
  settings: Settings;
  policy: PolicyMode;
  warmUpDays: number;
}

type Row = typeof backtest.$inferSelect;
/** A list does without what can be large. */
const { result: _result, settings: _settings, ...listed } = getTableColumns(backtest);
const waits = inArray(backtest.state, ['queued', 'running']);

function toBacktest(row: Omit<Row, 'result' | 'settings'>): Backtest {
  const { id, service, fromAt, toAt, patch, warmUpDays, createdAt, createdBy, startedAt, endedAt, fault } = row;
  return {
    id,
    service,
    state: row.state as BacktestState,
    from: fromAt,
    to: toAt,
    settings: patch,
    policy: row.policy as PolicyMode,
    warmUpDays,
    createdAt,
    createdBy,
    startedAt,
    endedAt,
    progress: { share: row.share, requests: row.requests, endsAt: row.state === 'running' ? row.endsAt : null },
    fault,
  };
}

/** @returns `full` where {@link MOST_WAITING} wait already, `own-full` where {@link MOST_WAITING_EACH} of this person do */
export async function createBacktest(
  tx: Transaction,
  draft: BacktestDraft,
  now: number,
): Promise<{ type: 'created'; backtest: Backtest } | { type: 'full' | 'own-full' }> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('plimsoll:backtests', 0))`);
  if ((await tx.$count(backtest, and(waits, eq(backtest.createdBy, draft.by)))) >= MOST_WAITING_EACH) return { type: 'own-full' };
  if ((await tx.$count(backtest, waits)) >= MOST_WAITING) return { type: 'full' };
  const { service, from, to, patch, settings, policy, warmUpDays, by } = draft;
  const asked = { service, fromAt: from, toAt: to, patch, settings, policy, warmUpDays, createdAt: now, createdBy: by };
  const [row] = await tx
    .insert(backtest)
    .values({ id: newId('bt'), state: 'queued', ...asked })
    .returning();
  return { type: 'created', backtest: toBacktest(row!) };
}

/** Newest first, without their results. */
export async function listBacktests(
  db: Database,
  {
    within,
    service,
    cursor,
    limit,
  }: { within: Within; service?: string | undefined; cursor?: Cursor | undefined; limit: number },
): Promise<Page<Backtest>> {
  const rows = await db
    .select(listed)
    .from(backtest)
    .where(
      and(
        withinServices(backtest.service, within),
        service === undefined ? undefined : eq(backtest.service, service),
        behind(cursor, backtest.createdAt, backtest.id),
      ),
    )
    .orderBy(desc(backtest.createdAt), asc(backtest.id))
    .limit(limit + 1);
  return toPage(rows, limit, toBacktest, (row) => ({ at: row.createdAt, id: row.id }));
}

export async function readBacktest(db: Database | Transaction, id: string): Promise<BacktestDetail | undefined> {
  const [row] = await db.select().from(backtest).where(eq(backtest.id, id));
  return row && { backtest: toBacktest(row), result: row.result };
}

/** @returns `over` where it had ended before; nothing was changed then. */
export async function cancelBacktest(
  tx: Transaction,
  id: string,
  now: number,
): Promise<{ type: 'cancelled' | 'over'; backtest: Backtest } | { type: 'missing' }> {
  const [row] = await tx.select().from(backtest).where(eq(backtest.id, id)).for('update');
  if (row === undefined) return { type: 'missing' };
  if (row.state !== 'queued' && row.state !== 'running') return { type: 'over', backtest: toBacktest(row) };
  const [cancelled] = await tx.update(backtest).set({ state: 'cancelled', endedAt: now }).where(eq(backtest.id, id)).returning();
  return { type: 'cancelled', backtest: toBacktest(cancelled!) };
}

/** Those that wait or run, oldest first: what must be in the queue. */
export async function waitingBacktests(db: Database): Promise<string[]> {
  const rows = await db.select({ id: backtest.id }).from(backtest).where(waits).orderBy(asc(backtest.createdAt));
  return rows.map(({ id }) => id);
}

/**
 * Begins it, also anew where a worker died over it or was restarted; not for ever, since it may be what the worker dies of.
 *
 * @returns undefined where it is over, gone, or was begun {@link MOST_STARTS} times: then it has failed
 */
export async function startBacktest(db: Database, id: string, now: number): Promise<BacktestTask | undefined> {
  const [row] = await db
    .update(backtest)
    .set({ state: 'running', startedAt: now, starts: sql`${backtest.starts} + 1`, share: 0, requests: 0, endsAt: null })
    .where(and(eq(backtest.id, id), waits, lt(backtest.starts, MOST_STARTS)))
    .returning();
  if (!row) {
    await endBacktest(db, id, { fault: `It was begun ${MOST_STARTS} times, and its worker ended each time before it did.` }, now);
    return undefined;
  }
  const { service, fromAt: from, toAt: to, settings, warmUpDays } = row;
  return { id, service, from, to, settings, policy: row.policy as PolicyMode, warmUpDays };
}

/** @returns false where it runs no longer: somebody has cancelled it. */
export async function noteProgress(
  db: Database,
  id: string,
  progress: { share: number; requests: number; endsAt: number | null },
): Promise<boolean> {
  const running = and(eq(backtest.id, id), eq(backtest.state, 'running'));
  return ((await db.update(backtest).set(progress).where(running)).rowCount ?? 0) > 0;
}

/** It is over: with a result, or a sentence about why not. Changes nothing where it was cancelled meanwhile. */
export async function endBacktest(
  db: Database,
  id: string,
  outcome: { result: BacktestResult } | { fault: string },
  now: number,
): Promise<void> {
  const done = 'result' in outcome ? { state: 'done', share: 1, ...outcome } : { state: 'failed', ...outcome };
  await db
    .update(backtest)
    .set({ ...done, endedAt: now })
    .where(and(eq(backtest.id, id), waits));
}

/** Keeps the newest of those that are over. @returns how many went. */
export async function discardBacktests(db: Database): Promise<number> {
  const kept = db.select({ id: backtest.id }).from(backtest).orderBy(desc(backtest.createdAt)).limit(MOST_KEPT);
  const { rowCount } = await db.delete(backtest).where(sql`not ${waits} and ${backtest.id} not in ${kept}`);
  return rowCount ?? 0;
}
