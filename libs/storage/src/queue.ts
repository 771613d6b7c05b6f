/**
 * The queue between ingestion and workers: one BullMQ queue a shard, each with a hash tag of its own, so that on a Redis
 * Cluster shards spread over the masters. Job ids are hashes made here: the same batch again is no second job, and no
 * client's text (`active`, `meta`, ...) ever meets BullMQ's own keys.
 */
import type { RequestBatch } from '@plimsoll/contracts';
import type { ContributionBatch } from '@plimsoll/detection';
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { digest } from './ids.js';
import type { VerdictJob } from './verdicts.js';

/** What a shard's worker is handed. */
export type ShardJob =
  | { id: string; name: 'requests'; data: RequestBatch }
  | { id: string; name: 'contributions'; data: ContributionBatch }
  | { id: string; name: 'verdicts'; data: VerdictJob }
  | { id: string; name: 'erasures'; data: ErasureJob };

/** An order to go through a shard for an erasure; whom it is about stands in the records alone. */
export interface ErasureJob {
  shard: number;
  receivedAt: number;
  erasure: string;
  round: number;
}

/** How far the workers are behind, over all shards. */
export interface Backlog {
  /** Jobs that nobody has begun. */
  waiting: number;
  /** Age of the oldest of them, milliseconds by the caller's clock; 0 where there is none. */
  oldestWaitingMs: number;
  /** Redis's used memory as a share of its `maxmemory`; 0 where it has no limit. */
  memoryShare: number;
}

export const queueName = (shard: number): string => `requests-${shard}`;
export const queuePrefix = (namespace: string, shard: number): string => `{${namespace}-${shard}}`;
/** Where BullMQ keeps this of a shard's queue: a job by its id, or a set such as `completed`. */
export const queueKey = (namespace: string, shard: number, name: string): string =>
  `${queuePrefix(namespace, shard)}:${queueName(shard)}:${name}`;
export const requestsJobId = ({ service, batch, shard }: RequestBatch): string => `b_${digest(service, batch, shard)}`;
export const contributionsJobId = ({ batch, shard }: ContributionBatch): string => `c_${digest(batch, shard)}`;
export const verdictJobId = ({ report, shard }: VerdictJob): string => `v_${digest(report.alertId, report.judgedAt, shard)}`;

export const erasureJobId = ({ erasure, round, shard }: Omit<ErasureJob, 'receivedAt'>): string =>
  `x_${digest(erasure, round, shard)}`;

/** Dead letters kept of a shard; beyond it the oldest are dropped. Finished jobs stay until a snapshot contains them. */
const MAX_DEAD_LETTERS = 1_000;
const JOB_OPTIONS: JobsOptions = { removeOnComplete: false, removeOnFail: { count: MAX_DEAD_LETTERS } };
/** BullMQ notes each step of a job in a stream, which nobody reads here. */
const MAX_EVENTS = 100;

export class RequestQueue {
  readonly #queues = new Map<number, Promise<Queue<ShardJob['data']>>>();

  /** @param redis is shared by all shards' queues and stays the caller's to close */
  constructor(
    private readonly redis: Redis,
    private readonly options: { namespace: string; shards: number },
  ) {}

  /** Safe to repeat. When it throws, some of the batches may be in: a repetition with the same ids puts the rest in. */
  async enqueue(batches: RequestBatch[]): Promise<void> {
    await this.#add('requests', batches, requestsJobId);
  }

  async enqueueContributions(batches: ContributionBatch[]): Promise<void> {
    await this.#add('contributions', batches, contributionsJobId);
  }

  async enqueueVerdicts(verdicts: VerdictJob[]): Promise<void> {
    await this.#add('verdicts', verdicts, verdictJobId);
  }

  async enqueueErasures(orders: ErasureJob[]): Promise<void> {
    await this.#add('erasures', orders, erasureJobId);
  }

  async backlog(now: number): Promise<Backlog> {
    const shards = Array.from({ length: this.options.shards }, (_, shard) => shard);
    const [memory, ...queues] = await Promise.all([this.redis.info('memory'), ...shards.map((shard) => this.#waiting(shard))]);
    const oldest = queues.flatMap(({ oldestAt }) => oldestAt ?? []);
    const limit = memoryFigure(memory, 'maxmemory');
    return {
      waiting: queues.reduce((sum, { waiting }) => sum + waiting, 0),
      oldestWaitingMs: oldest.length === 0 ? 0 : Math.max(0, now - Math.min(...oldest)),
      memoryShare: limit === 0 ? 0 : memoryFigure(memory, 'used_memory') / limit,
    };
  }

  async close(): Promise<void> {
    const queues = await Promise.allSettled(this.#queues.values());
    await Promise.all(queues.map((queue) => (queue.status === 'fulfilled' ? queue.value.close() : undefined)));
  }

  async #add<T extends ShardJob['data']>(name: ShardJob['name'], batches: T[], idOf: (batch: T) => string): Promise<void> {
    const added = batches.map(async (batch) => {
      const queue = await this.#queueOf(batch.shard);
      await queue.add(name, batch, { ...JOB_OPTIONS, jobId: idOf(batch) });
    });
    await within(this.redis.options.commandTimeout, Promise.all(added));
  }

  /** A queue that could not be opened while Redis was away is opened anew at the next use. */
  #queueOf(shard: number): Promise<Queue<ShardJob['data']>> {
    const known = this.#queues.get(shard);
    if (known !== undefined) return known;
    const opening = openQueue(this.redis, this.options.namespace, shard);
    this.#queues.set(shard, opening);
    opening.catch(() => this.#queues.delete(shard));
    return opening;
  }

  async #waiting(shard: number): Promise<{ waiting: number; oldestAt: number | undefined }> {
    const keyOf = (name: string) => queueKey(this.options.namespace, shard, name);
    const [waiting, oldest] = await Promise.all([this.redis.llen(keyOf('wait')), this.redis.lindex(keyOf('wait'), -1)]);
    const at = oldest === null ? null : await this.redis.hget(keyOf(oldest), 'timestamp');
    return { waiting, oldestAt: at === null ? undefined : Number(at) };
  }
}

/** Producer's side of one shard's queue; its errors are those of the calls. */
export async function openQueue(redis: Redis, namespace: string, shard: number): Promise<Queue<ShardJob['data']>> {
  const prefix = queuePrefix(namespace, shard);
  const queue = new Queue<ShardJob['data']>(queueName(shard), {
    connection: redis,
    prefix,
    streams: { events: { maxLen: MAX_EVENTS } },
  });
  queue.on('error', () => {});
  try {
    await queue.waitUntilReady();
    return queue;
  } catch (error) {
    queue.close().catch(() => {});
    throw error;
  }
}

/** BullMQ waits for a connection that is not there, whatever the connection's own patience. What comes late does no harm. */
async function within<T>(patienceMs: number | undefined, work: Promise<T>): Promise<T> {
  if (patienceMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${patienceMs} ms`)), patienceMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function memoryFigure(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
}
