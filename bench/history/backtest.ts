/**
 * Backtests: how many logs a second of one core, over realistic logs read from the engine; and whether a backtest with the
 * settings of the live run finds the alerts that the live run found, through the whole product, by its own command line.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BacktestResult } from '@plimsoll/contracts';
import { Templates } from '@plimsoll/detection';
import { createService, insertLines, schema, toLine } from '@plimsoll/storage';
import { BACKTEST_FLAGS } from '../../apps/worker/src/backtests/flags.js';
import { sleep, until } from '../main-job/clock.js';
import { type Figure, figure } from '../report.js';
import type { BacktestAsked, BacktestRan } from './backtest-run.js';
import { startEngine } from './engine.js';
import { type Loaded, startLoaded } from './load.js';
import { playLive } from './played-live.js';
import { realisticLogs } from './traffic.js';

const DAY_MS = 86_400_000;
const CHUNK = 20_000;
const DAYS = 4;
const SHARDS = 4;

async function speed(loaded: Loaded, users: number): Promise<Figure> {
  const engine = await startEngine();
  try {
    let lines: string[] = [];
    let [rows, newest, chunk] = [0, 0, 0];
    const templates = new Templates();
    const flush = async () => {
      chunk += 1;
      await insertLines(engine.history, `backtest ${chunk}`, lines);
      lines = [];
    };
    for (const logs of realisticLogs(users, DAYS)) {
      for (const log of logs) {
        const { method, route, path, status, ts } = log;
        const endpoint = templates.endpointOf('bench', method, route, path, status);
        lines.push(toLine('bench', endpoint, log, new Date(ts).toISOString().slice(0, 10)));
        newest = Math.max(newest, log.ts);
      }
      rows += logs.length;
      if (lines.length >= CHUNK) await flush();
    }
    await flush();
    await createService(loaded.db, { id: 'bench' }, Date.now());
    const to = newest + 1;
    const asked = { databaseUrl: loaded.databaseUrl, historyUrl: engine.url, shards: SHARDS, from: to - (DAYS - 1) * DAY_MS, to };
    const { cpu, seconds, requestsPerSecond } = await inItsProcess(asked);
    const aSecond = rows / cpu;
    console.log(
      `  ${rows} logs in ${seconds.toFixed(1)} s (${requestsPerSecond}/s by the clock), ${Math.round(aSecond)} a second of the processor`,
    );
    return figure(
      `backtest, logs a second of one core (${SHARDS} shards, ${DAYS} days of ${users} users)`,
      aSecond,
      'logs/s',
      100_000,
      'higher',
    );
  } finally {
    await engine.stop();
  }
}

/** As the worker begins one. */
async function inItsProcess(asked: BacktestAsked): Promise<BacktestRan> {
  const file = fileURLToPath(new URL('backtest-run.js', import.meta.url));
  const child = fork(file, [JSON.stringify(asked)], { execArgv: [...BACKTEST_FLAGS] });
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the backtest's process ended with ${code}`)));
  died.catch(() => undefined);
  const [ran] = (await Promise.race([once(child, 'message'), died])) as [BacktestRan];
  return ran;
}

/** The alerts of a live run beside those of a backtest over what the history kept of it. */
async function equality(loaded: Loaded): Promise<Figure[]> {
  const sent = await playLive(loaded);
  await until(async () => (await loaded.counted()) >= sent || undefined, 'all logs counted', 300, 500);
  // Before the first chunk there are no tables.
  const kept = () => loaded.kept().catch(() => new Map());
  await until(async () => (await kept()).size >= sent || undefined, 'all logs kept', 120, 1_000);
  await sleep(15_000); // The last findings are told, and what has calmed down ends.
  const text = await loaded.product.run('backtest', '--service', 'demo', '--days', '0.05', '--json');
  const { alerts, decisions, requests }: BacktestResult = JSON.parse(text);
  const live = await loaded.db.$count(schema.alert);
  for (const [what, some] of [
    ['only live', alerts.go],
    ['only in the backtest', alerts.come],
  ] as const) {
    for (const { kind, subject, endpoint, explanation } of some.items)
      console.log(`  ${what}: ${kind} ${subject.id} ${endpoint}: ${explanation}`);
  }
  for (const { kind, subject, endpoint, severity, severityBefore, explanation } of alerts.change.items)
    console.log(`  ${severityBefore} live, ${severity} in the backtest: ${kind} ${subject.id} ${endpoint}: ${explanation}`);
  const other = alerts.change.total;
  console.log(
    `  ${requests} logs, ${live} live alerts: ${alerts.stay} in both, ${alerts.come.total} come, ${alerts.go.total} go, ${other} of another severity; decisions ${decisions.stay} in both, ${decisions.come.total} come, ${decisions.go.total} go`,
  );
  return [
    figure(
      'live alerts that a backtest with the same settings finds too, of all of either side',
      alerts.stay / Math.max(1, alerts.stay + other + alerts.come.total + alerts.go.total),
      'share',
      1,
      'higher',
    ),
    figure('live alerts compared', live, 'alerts', 5, 'higher'),
  ];
}

export async function measureBacktest(quick: boolean): Promise<Figure[]> {
  const loaded = await startLoaded();
  try {
    const equal = await equality(loaded);
    return [await speed(loaded, quick ? 600 : 3_000), ...equal];
  } finally {
    await loaded.stop();
  }
}
