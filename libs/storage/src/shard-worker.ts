/**
 * The worker's side of one shard's queue: one job at a time, oldest first. Finished jobs are kept until a snapshot of the
 * shard's baselines contains them; whoever takes the shard over finds them here and learns them again. A job that fails
 * becomes a dead letter, which gets one more chance; a job that again and again ends its worker becomes one unread.
 */
import { type Job, type Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { openQueue, queueName, queuePrefix, type ShardJob } from './queue.js';

/** Renewed at half this time. A dead owner's jobs are taken back at once by {@link ShardWorker.reclaim}, not after it. */
const LOCK_MS = 30_000;
/** For a job that Redis handed out on a connection which broke before it arrived. That is nobody's crash, so it may happen often. */
const STALLED_CHECK_MS = 10_000;
const MAX_STALLED = 100;
/** Found under way at this many takeovers, a job is what ends its workers. Fewer: it was only there when one was killed. */
export const MAX_CRASHES = 3;
/** Looked through for a second chance at a takeover; each costs a read of its data. */
const RECENT_DEAD_LETTERS = 50;
/** BullMQ's word for "whoever holds the lock". */
const ANY_TOKEN = '0';

export interface ShardWorkerOptions {
  namespace: string;
  shard: number;
  /** `left`: nothing was committed; the job goes back to the head of the queue and this worker takes no other one. */
  work(job: ShardJob): Promise<'done' | 'left'>;
  /** A job failed, or ended its worker too often. It stays in the failed set. `final`: it had its second chance already. */
  onDeadLetter(id: string, reason: string, final: boolean): void;
}

/** What is noted on a job: how often it was found under way when its worker had gone. */
interface Progress {
  crashes: number;
}

const crashesOf = (job: Job): number =>
  typeof job.progress === 'object' && 'crashes' in job.progress ? (job.progress as Progress).crashes : 0;
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
    const { namespace, shard, onDeadLetter } = this.options;
    this.#worker = new Worker(queueName(shard), (job, token) => this.#work(job, token), {
      connection: this.redis,
      prefix: queuePrefix(namespace, shard),
      concurrency: 1,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
    });
    // BullMQ waits a while after a failed call to Redis; the error itself is no news.
    this.#worker.on('error', () => {});
    this.#worker.on('failed', (job, error) => onDeadLetter(job?.id ?? 'unknown', error.message, (job?.attemptsMade ?? 0) > 1));
  }

  /** A kept job; undefined where it is gone. */
  async find(id: string): Promise<ShardJob | undefined> {
    const job = await this.queue.getJob(id);
    return job && toShardJob(job);
  }

  /** Ids of finished jobs, oldest first; their data stays in Redis. */
  async kept(): Promise<string[]> {
    return this.redis.zrange(this.queue.toKey('completed'), '0', '-1');
  }

  async forget(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.queue.remove(id)));
  }

  /**
   * Puts what an earlier owner had under way back to the head of the queue, instead of waiting for its lock to run out.
   * Only for who holds the shard's lease and has not started yet: the earlier owner is dead, or its commits are refused.
   *
   * @returns how many jobs.
   */
  async reclaim(): Promise<number> {
    const jobs = await this.queue.getActive();
    for (const job of jobs) {
      await job.updateProgress({ crashes: crashesOf(job) + 1 } satisfies Progress);
      await job.moveToWait(ANY_TOKEN);
    }
    return jobs.length;
  }

  /** Ids of the newest dead letters. */
  async deadLetters(): Promise<string[]> {
    return this.redis.zrange(this.queue.toKey('failed'), String(-RECENT_DEAD_LETTERS), '-1');
  }

  /**
   * Gives a dead letter its second and last chance, with no crash held against it.
   *
   * @returns false where it had that chance already, or is no dead letter any more: nothing was changed.
   */
  async replay(id: string): Promise<boolean> {
    const job = await this.queue.getJob(id);
    if (job === undefined || job.attemptsMade > 1 || !(await job.isFailed())) return false;
    await job.updateProgress({ crashes: 0 } satisfies Progress);
    await job.retry('failed');
    return true;
  }

  /** Ends after the job under way. */
  async close(): Promise<void> {
    await this.#worker?.close();
    await this.queue.close();
  }

  async #work(job: Job, token: string | undefined): Promise<void> {
    const crashes = crashesOf(job);
    if (crashes >= MAX_CRASHES) throw new UnrecoverableError(`its worker ended ${crashes} times while it was under way`);
    if ((await this.options.work(toShardJob(job))) === 'done') return;
    await this.#worker?.pause(true);
    // Refused where the next owner has it already: then it is not ours to put back.
    if (token !== undefined) await job.moveToWait(token).catch(() => {});
    throw new WaitingError();
  }
}
