/**
 * Which shards this worker holds: takes its even part of them, renews the leases, gives back what is too much, and runs
 * each: its queue, its settling, its snapshots. A shard that was lost is let go at once and written to no more.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import {
  announceWorker,
  ensureShards,
  type Lease,
  releaseShards,
  renewShards,
  retractWorker,
  ShardWorker,
  takeShards,
} from '@plimsoll/storage';
import { BatchProcessor } from './batch.processor.js';
import { CONTEXT, type Context } from './context.js';
import { KnowledgeService } from './knowledge.service.js';
import { Shard } from './shard.js';
import { takeOver } from './takeover.js';

const LEASE_CHECK_MS = 2_000;
const SETTLE_MS = 2_000;
const SNAPSHOT_MS = 5_000;

interface Running {
  shard: Shard;
  worker: ShardWorker;
  timers: NodeJS.Timeout[];
}

@Injectable()
export class ShardsService {
  readonly #owner = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #context: Context;
  readonly #knowledge: KnowledgeService;
  readonly #processor: BatchProcessor;
  readonly #running = new Map<number, Running>();
  #timer: NodeJS.Timeout | undefined;
  #check: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(@Inject(CONTEXT) context: Context, @Inject(KnowledgeService) knowledge: KnowledgeService) {
    this.#context = context;
    this.#knowledge = knowledge;
    this.#processor = new BatchProcessor(context, knowledge);
  }

  /** Shards held now. */
  get held(): number[] {
    return [...this.#running.keys()].sort((a, b) => a - b);
  }

  async open(): Promise<void> {
    await ensureShards(this.#context.db, this.#context.env.PLIMSOLL_SHARDS);
    await this.#checkLeases();
    this.#timer = setInterval(() => {
      this.#check = this.#check.then(() => this.#checkLeases()).catch((error) => this.#warn(error, 'leases'));
    }, LEASE_CHECK_MS);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await this.#check;
    await Promise.all([...this.#running.values()].map((running) => this.#giveBack(running)));
    await retractWorker(this.#context.redis, this.#context.env.PLIMSOLL_NAMESPACE, this.#owner);
  }

  async #checkLeases(): Promise<void> {
    if (this.#closing) return;
    const { db, redis, env, now } = this.#context;
    const leases = [...this.#running.values()].map(({ shard }) => shard.lease);
    const still = new Set(await renewShards(db, leases, now()));
    for (const lease of leases) if (!still.has(lease.shard)) this.#running.get(lease.shard)?.shard.lose();
    const workers = await announceWorker(redis, env.PLIMSOLL_NAMESPACE, this.#owner, now());
    const part = Math.ceil(env.PLIMSOLL_SHARDS / workers);
    const surplus = [...this.#running.values()].slice(part);
    await Promise.all(surplus.map((running) => this.#giveBack(running)));
    const taken = await takeShards(db, this.#owner, env.PLIMSOLL_SHARDS, part - this.#running.size, now());
    await Promise.all(taken.map((lease) => this.#run(lease)));
  }

  async #run(lease: Lease): Promise<void> {
    const { redis, env, log } = this.#context;
    const shard = new Shard(lease, () => void this.#letGo(lease.shard));
    const worker = await ShardWorker.open(redis, {
      namespace: env.PLIMSOLL_NAMESPACE,
      shard: lease.shard,
      work: (job) => shard.run(() => this.#processor.process(shard, job)),
      onDeadLetter: (job, reason) => log.error({ shard: lease.shard, job, reason }, 'dead letter'),
    });
    const running: Running = { shard, worker, timers: [] };
    this.#running.set(lease.shard, running);
    try {
      await takeOver(shard, { context: this.#context, knowledge: this.#knowledge, processor: this.#processor, worker });
    } catch (error) {
      await this.#giveBack(running);
      throw error;
    }
    worker.start();
    running.timers.push(
      setInterval(() => this.#inTurn(shard, 'settle', () => this.#processor.settle(shard)), SETTLE_MS),
      setInterval(() => this.#inTurn(shard, 'snapshot', () => this.#snapshot(running)), SNAPSHOT_MS),
    );
  }

  #inTurn(shard: Shard, what: string, task: () => Promise<void>): void {
    if (!shard.lost) shard.run(async () => (shard.lost ? undefined : task())).catch((error) => this.#warn(error, what));
  }

  async #snapshot({ shard, worker }: Running): Promise<void> {
    await worker.forget(await shard.snapshot(this.#context.redis, this.#context.env.PLIMSOLL_NAMESPACE));
  }

  /** Ends a shard in order: the job under way, a last snapshot, the lease. */
  async #giveBack(running: Running): Promise<void> {
    const { shard, worker, timers } = running;
    for (const timer of timers) clearInterval(timer);
    await worker.close();
    await shard.run(() => this.#snapshot(running)).catch((error) => this.#warn(error, 'snapshot'));
    this.#forget(shard);
    await releaseShards(this.#context.db, [shard.lease]);
  }

  /** The shard belongs to another worker: nothing of it is written any more. */
  async #letGo(id: number): Promise<void> {
    const running = this.#running.get(id);
    if (!running) return;
    for (const timer of running.timers) clearInterval(timer);
    this.#forget(running.shard);
    this.#context.log.warn({ shard: id }, 'fenced: another worker holds the shard');
    await running.worker.close().catch((error) => this.#warn(error, 'close'));
  }

  #forget(shard: Shard): void {
    shard.lost = true;
    this.#knowledge.leave(shard.model);
    if (this.#running.get(shard.lease.shard)?.shard === shard) this.#running.delete(shard.lease.shard);
  }

  #warn(error: unknown, what: string): void {
    this.#context.log.warn({ err: error }, `${what} failed; tried again later`);
  }
}
