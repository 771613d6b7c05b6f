/**
 * The queue of backtests: one for the installation, of which one job runs at a time, whatever the number of workers. The job
 * holds nothing but the id of the row; a job id is that id, so that putting it in again changes nothing.
 */
import { type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

const NAME = 'backtests';
const prefixOf = (namespace: string) => `{${namespace}-backtests}`;
const LOCK_MS = 30_000;
/** A dead worker's backtest is begun again, this often. */
const MAX_STALLED = 2;

export class BacktestQueue {
  readonly #queue: Queue<{ id: string }>;

  /** @param redis stays the caller's to close */
  constructor(redis: Redis, namespace: string) {
    this.#queue = new Queue(NAME, { connection: redis, prefix: prefixOf(namespace), streams: { events: { maxLen: 100 } } });
    this.#queue.on('error', () => {});
  }

  /** Safe to repeat. */
  async add(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.#queue.add('backtest', { id }, { jobId: id, removeOnComplete: true, removeOnFail: true });
    }
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

export interface BacktestWorker {
  close(): Promise<void>;
}

/** @param work ends when the backtest has, and at once where `stopped` is aborted. @param redis waits for Redis for ever. */
export async function workOnBacktests(
  redis: Redis,
  namespace: string,
  work: (id: string) => Promise<void>,
): Promise<BacktestWorker> {
  const queue = new Queue(NAME, { connection: redis, prefix: prefixOf(namespace) });
  queue.on('error', () => {});
  await queue.setGlobalConcurrency(1);
  const worker = new Worker<{ id: string }>(NAME, (job: Job<{ id: string }>) => work(job.data.id), {
    connection: redis,
    prefix: prefixOf(namespace),
    concurrency: 1,
    lockDuration: LOCK_MS,
    maxStalledCount: MAX_STALLED,
  });
  worker.on('error', () => {});
  return {
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
}
