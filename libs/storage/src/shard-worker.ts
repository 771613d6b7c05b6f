/**
 * The worker's side of one shard's queue: one job at a time, oldest first. Finished jobs are kept until a snapshot of the
 * shard's baselines contains them; whoever takes the shard over finds them here and learns them again.
 */
import { type Job, type Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { openQueue, queueName, queuePrefix, type ShardJob } from './queue.js';

/** Renewed at half this time; a job whose worker was killed is free again after it. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
/** Each death of a worker counts for the job that it had under way: an innocent one may live through several. */
const MAX_STALLED = 5;

export interface ShardWorkerOptions {
  namespace: string;
  shard: number;
  work(job: ShardJob): Promise<void>;
  /** A job that failed for good; it stays in the queue's failed set. */
  onDeadLetter(id: string, reason: string): void;
}

const toShardJob = (job: Job): ShardJob => ({ id: job.id ?? '', name: job.name, data: job.data }) as ShardJob;

export class ShardWorker {
  #worker: Worker | undefined;

  private constructor(
    private readonly redis: Redis,
    private readonly queue: Queue<ShardJob['data']>,
    private readonly options: ShardWorkerOptions,
  ) {}

  /** Opens the queue; nothing is worked on before {@link start}. `redis` waits for Redis for ever and stays the caller's. */
  static async open(redis: Redis, options: ShardWorkerOptions): Promise<ShardWorker> {
    return new ShardWorker(redis, await openQueue(redis, options.namespace, options.shard), options);
  }

  start(): void {
    const { namespace, shard, work, onDeadLetter } = this.options;
    this.#worker = new Worker(queueName(shard), (job) => work(toShardJob(job)), {
      connection: this.redis,
      prefix: queuePrefix(namespace, shard),
      concurrency: 1,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
    });
    // BullMQ waits a while after a failed call to Redis; the error itself is no news.
    this.#worker.on('error', () => {});
    this.#worker.on('failed', (job, error) => onDeadLetter(job?.id ?? 'unknown', error.message));
  }

  /** A kept job; undefined where it is gone. */
  async find(id: string): Promise<ShardJob | undefined> {
    const job = await this.queue.getJob(id);
    return job && toShardJob(job);
  }

  /** Ids of finished jobs. */
  async kept(): Promise<string[]> {
    const jobs = await this.queue.getCompleted();
    return jobs.flatMap((job) => job?.id ?? []);
  }

  async forget(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.queue.remove(id)));
  }

  /** Ends after the job under way. */
  async close(): Promise<void> {
    await this.#worker?.close();
    await this.queue.close();
  }
}
