/** One backtest in a process of its own, as the worker runs it, without a queue around it: says what it took. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { openDatabase, openHistory, runBacktest } from '@plimsoll/storage';

export interface BacktestAsked {
  databaseUrl: string;
  historyUrl: string;
  shards: number;
  from: number;
  to: number;
}
export interface BacktestRan {
  /** Seconds of the processor, with all threads of the process. */
  cpu: number;
  seconds: number;
  requestsPerSecond: number;
}

const { databaseUrl, historyUrl, shards, from, to } = JSON.parse(process.argv[2] ?? '{}') as BacktestAsked;
const { db, close } = openDatabase(databaseUrl, { max: 2 });
const history = openHistory(historyUrl, { max: 2, timeoutMs: 600_000 });
const task = { service: 'bench', from, to, warmUpDays: 1, settings: DEFAULT_SETTINGS, policy: 'block' as const };
const before = process.cpuUsage();
const result = await runBacktest({ db, history, shards, now: Date.now, onProgress: async () => true, task });
const { user, system } = process.cpuUsage(before);
if (result === undefined) throw new Error('the backtest was given up');
const { seconds, requestsPerSecond } = result;
process.send?.({ cpu: (user + system) / 1e6, seconds, requestsPerSecond } satisfies BacktestRan);
await history.close();
await close();
process.disconnect();
