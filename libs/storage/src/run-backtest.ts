/**
 * Runs a backtest: from the newest copy of the baselines before it, else from a warm-up over the history, then over all logs
 * of its time, with as many models as the installation has shards. Reads only; who calls says what becomes of the result. It
 * keeps the process busy: it belongs into one of its own.
 */
import { ClickHouseError } from '@clickhouse/client';
import { type BacktestResult, MAX_COMPARED, type WarmUp } from '@plimsoll/contracts';
import { Backtest, type Contribution, type Shards } from '@plimsoll/detection';
import type { BacktestTask } from './backtests.js';
import { type BaselineCopy, findCopy, readCopy } from './baseline-copies.js';
import { type Database, databaseFault } from './database.js';
import { heldSubject } from './decisions.js';
import { missingIn } from './history/gaps.js';
import { bucketWidth, histogram } from './history/histogram.js';
import type { History } from './history/history.js';
import { coverage } from './history/state.js';
import { streamLogs } from './history/stream.js';
import { readLiveRun } from './live-run.js';
import { shardOf, shardOfContribution, sourceOf } from './shards.js';
import { shardsOfVerdict } from './verdicts.js';

const DAY_MS = 86_400_000;
/** How far before the begin a copy may lie: one is taken a day, and a day may be missed. */
const COPY_WITHIN_MS = 2 * DAY_MS;
const REPORT_EVERY_MS = 500;
const MOST_ENDPOINTS = 10_000;

/** A backtest that cannot be run, as a sentence for who asked for it. */
export class BacktestFault extends Error {
  override name = 'BacktestFault';
}

/** What somebody who asked for a backtest is told of a failure: nothing about the inside. */
export function sentenceOf(error: unknown): string {
  if (error instanceof BacktestFault) return error.message;
  if (error instanceof ClickHouseError || databaseFault(error) !== 'fault')
    return 'A store could not be reached, or had enough. Try again.';
  return 'It ended by a fault; the log of the worker has more.';
}

export interface BacktestRun {
  db: Database;
  /** Undefined where none is kept. */
  history: History | undefined;
  /** Of the installation; a copy of the baselines tells how many there were. */
  shards: number;
  task: Omit<BacktestTask, 'id'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Told now and then; where it says false, the backtest is given up. */
  onProgress: (progress: { share: number; requests: number; endsAt: number | null }) => Promise<boolean>;
}

/**
 * @returns undefined where it was given up.
 * @throws BacktestFault where the history has nothing of that time; whatever the stores throw.
 */
export async function runBacktest(run: BacktestRun): Promise<BacktestResult | undefined> {
  const { db, history, task, now } = run;
  const began = now();
  const { service, from, to, settings, policy } = task;
  const kept = await coverage(history, db, service);
  if (history === undefined || kept.state !== 'on') throw new BacktestFault(kept.reason ?? 'The history cannot be read now.');
  if (kept.oldest === null || kept.newest === null || kept.oldest >= to || kept.newest < from) {
    throw new BacktestFault('The history has no requests of this service in that time.');
  }
  const copy = task.warmUpDays > 0 ? await findCopy(db, { from: from - COPY_WITHIN_MS, to: from }) : undefined;
  const begin = copy?.takenAt ?? Math.min(from, Math.max(kept.oldest, from - task.warmUpDays * DAY_MS));
  const live = await readLiveRun(db, { service, from: begin, to });
  const shards = shardsOf(copy?.shards ?? run.shards, service);
  const plan = { service, settings, policy, held: heldSubject, from, to, shards, mostNamed: MAX_COMPARED };
  const backtest = new Backtest(plan, live);
  if (copy) await restore(db, copy, backtest);
  const gone = await goThrough({ ...run, history }, backtest, begin);
  if (gone === undefined) return undefined;
  const seconds = (now() - began) / 1000;
  return {
    ...backtest.finish(),
    warmUp: warmUpOf(copy, { begin, from, requests: gone.warmUp }),
    missing: await missingIn(db, { service, from: begin, to }),
    seconds,
    requestsPerSecond: Math.round(gone.requests / Math.max(seconds, 1e-3)),
  };
}

/** Most contributions are about endpoints of the service, of which there are few: where those belong is remembered. */
export function shardsOf(count: number, service: string): Shards {
  const endpoints = new Map<string, number>();
  const ofEndpoint = (contribution: Contribution): number => {
    const known = endpoints.get(contribution.id);
    if (known !== undefined) return known;
    if (endpoints.size >= MOST_ENDPOINTS) endpoints.clear();
    const shard = shardOfContribution(contribution, count);
    endpoints.set(contribution.id, shard);
    return shard;
  };
  return {
    count,
    ofLog: (of, log) => shardOf(of, sourceOf(log), count),
    // A copy also holds what other services had open.
    ofContribution: (one) =>
      one.entity === 'endpoint' && one.service === service ? ofEndpoint(one) : shardOfContribution(one, count),
    ofVerdict: (report) => shardsOfVerdict(report, count),
  };
}

function warmUpOf(
  copy: BaselineCopy | undefined,
  { begin, from, requests }: { begin: number; from: number; requests: number },
): WarmUp {
  if (copy) return { from: 'snapshot', at: copy.takenAt, requests };
  return begin < from ? { from: 'history', at: begin, requests } : { from: 'nothing' };
}

async function restore(db: Database, copy: BaselineCopy, backtest: Backtest): Promise<void> {
  for await (const part of readCopy(db, copy.takenAt)) {
    if ('populations' in part) backtest.know(part.populations);
    else backtest.restore(part.shard, part.entries);
  }
  backtest.passOver(copy.takenAt);
}

/** @returns how many logs; undefined where it was given up. */
async function goThrough(
  { history, task, now, onProgress }: BacktestRun & { history: History },
  backtest: Backtest,
  begin: number,
): Promise<{ requests: number; warmUp: number } | undefined> {
  const span = { service: task.service, from: begin, to: task.to };
  const { requests: total } = await histogram(history, span, bucketWidth(span, 100));
  const began = now();
  let [requests, warmUp, reportedAt] = [0, 0, began];
  for await (const kept of streamLogs(history, span, { traceIds: false })) {
    backtest.take(
      kept.map(({ log }) => log),
      kept.map(({ endpoint }) => endpoint),
    );
    requests += kept.length;
    const last = kept.at(-1)?.log.ts ?? 0;
    warmUp += last < task.from ? kept.length : kept.findIndex(({ log }) => log.ts >= task.from);
    const at = now();
    if (at - reportedAt < REPORT_EVERY_MS) continue;
    reportedAt = at;
    const share = Math.min(1, requests / Math.max(1, total));
    const endsAt = share > 0.02 ? Math.round(began + (at - began) / share) : null;
    if (!(await onProgress({ share, requests, endsAt }))) return undefined;
  }
  return { requests, warmUp };
}
