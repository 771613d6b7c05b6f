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
  Fenced,
  type Lease,
  releaseShards,
  renewShards,
  retractWorker,
  type ShardJob,
  ShardWorker,
  takeShards,
} from '@plimsoll/storage';
import { BatchProcessor } from './batch.processor.js';
import { CONTEXT, type Context } from './context.js';
import { eraseInShard } from './erasure.js';
import { KnowledgeService } from './knowledge.service.js';
import { Shard } from './shard.js';
import { takeOver } from './takeover.js';

const LEASE_CHECK_MS = 2_000;
const SETTLE_MS = 2_000;
const SNAPSHOT_MS = 5_000;
/** When a shard is given back, the job under way may take this long; then it is left to the next owner. */
const GIVE_BACK_MS = 4_000;
const REPLAY_MS = 10_000;
/** When a shard is given back, what waits for the history may be written for this long; then it too is left. */
const LAST_WRITE_MS = 1_000;

interface Running {
  shard: Shard;
  /** Absent until its queue is open. */
  worker: ShardWorker | undefined;
  timers: NodeJS.Timeout[];
}

@Injectable()
export class ShardsService {
  readonly #owner = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #context: Context;
  readonly #knowledge: KnowledgeService;
  readonly #processor: BatchProcessor;
  readonly #running = new Map<number, Running>();
  /** Shards that are being taken over. */
  readonly #taking = new Set<Promise<void>>();
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
    const started = [...this.#running.values()].filter(({ timers }) => timers.length > 0);
    return started.map(({ shard }) => shard.lease.shard).sort((a, b) => a - b);
  }

  async open(): Promise<void> {
    await ensureShards(this.#context.db, this.#context.env.PLIMSOLL_SHARDS);
    await this.#checkLeases();
    await Promise.all(this.#taking);
    this.#timer = setInterval(() => {
      this.#check = this.#check.then(() => this.#checkLeases()).catch((error) => this.#warn(error, 'leases'));
    }, LEASE_CHECK_MS);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await this.#check;
    await Promise.all([...this.#running.values()].map((running) => this.#giveBack(running)));
    await Promise.all(this.#taking);
    await retractWorker(this.#context.redis, this.#context.env.PLIMSOLL_NAMESPACE, this.#owner);
  }

  async #checkLeases(): Promise<void> {
    if (this.#closing) return;
    const { db, redis, env } = this.#context;
    const leases = [...this.#running.values()].map(({ shard }) => shard.lease);
    const still = new Set(await renewShards(db, leases));
    for (const lease of leases) if (!still.has(lease.shard)) this.#running.get(lease.shard)?.shard.lose();
    const part = await announceWorker(redis, env.PLIMSOLL_NAMESPACE, this.#owner, env.PLIMSOLL_SHARDS);
    const surplus = [...this.#running.values()].slice(part);
    await Promise.all(surplus.map((running) => this.#giveBack(running)));
    const taken = await takeShards(db, this.#owner, env.PLIMSOLL_SHARDS, part - this.#running.size);
    for (const lease of taken) {
      const taking = this.#run(lease).finally(() => this.#taking.delete(taking));
      this.#taking.add(taking);
    }
  }

  async #run(lease: Lease): Promise<void> {
    const shard = new Shard(lease, this.#context.now, () => void this.#letGo(shard));
    const running: Running = { shard, worker: undefined, timers: [] };
    this.#running.set(lease.shard, running);
    try {
      const worker = await this.#openQueue(running);
      await takeOver(shard, { context: this.#context, knowledge: this.#knowledge, processor: this.#processor, worker });
      if (shard.lost) throw new Fenced(lease.shard);
      worker.start();
      shard.tape?.start();
      running.timers.push(
        setInterval(() => this.#inTurn(running, 'settle', () => this.#processor.settle(shard)), SETTLE_MS),
        setInterval(() => this.#inTurn(running, 'snapshot', () => this.#snapshot(running)), SNAPSHOT_MS),
      );
    } catch (error) {
      if (!shard.lost) this.#warn(error, 'taking a shard');
      await this.#giveBack(running);
    }
  }

  async #openQueue(running: Running): Promise<ShardWorker> {
    const { redis, env } = this.#context;
    const { shard } = running;
    const lease = shard.lease;
    running.worker = await ShardWorker.open(redis, {
      namespace: env.PLIMSOLL_NAMESPACE,
      shard: lease.shard,
      work: (job) => shard.run(() => this.#work(running, job)),
      onDeadLetter: (job, reason, final) => this.#bury(running, job, reason, final),
    });
    return running.worker;
  }

  async #work(running: Running, job: ShardJob): Promise<'done' | 'left'> {
    const { shard } = running;
    if (shard.lost) return 'left';
    try {
      if (job.name === 'erasures') return await this.#erase(running, job);
      await this.#processor.process(shard, job);
      return 'done';
    } catch (error) {
      if (shard.lost) return 'left';
      this.#beginAnew(running);
      throw error;
    }
  }

  /** What is in memory names whom it should not: the shard is taken anew, by whomever, from what is left. */
  async #erase(running: Running, job: ShardJob & { name: 'erasures' }): Promise<'done' | 'left'> {
    const { shard } = running;
    const erased = await eraseInShard(job, {
      shard,
      context: this.#context,
      processor: this.#processor,
      snapshot: () => this.#snapshot(running),
    });
    if (erased === 'removed') this.#beginAnew(running);
    return erased === 'left' ? 'left' : 'done';
  }

  /** A job failed. Once it gets another chance, when nothing else is under way; then it stays for a person to look at. */
  #bury({ shard, worker, timers }: Running, job: string, reason: string, final: boolean): void {
    const facts = { shard: shard.lease.shard, job, reason };
    if (final) this.#context.log.error(facts, 'dead letter');
    else this.#context.log.warn(facts, 'a batch failed; it is tried once more');
    if (final || shard.lost) return; // Whoever takes the shard next looks through the dead letters.
    const again = () => shard.run(async () => worker?.replay(job)).catch((error) => this.#warn(error, 'replay'));
    timers.push(setTimeout(() => void again(), REPLAY_MS));
  }

  /** What fails is done again at its next time, unless the model has moved on without its records. */
  #inTurn(running: Running, what: string, task: () => Promise<void>): void {
    const { shard } = running;
    if (shard.lost) return;
    shard
      .run(async () => (shard.lost ? undefined : task()))
      .catch((error) => {
        if (!shard.lost) this.#warn(error, what);
        if (shard.tainted && !shard.lost) this.#beginAnew(running);
      });
  }

  /** The model may contain half a batch: whoever takes the shard next begins from what is stored. */
  #beginAnew(running: Running): void {
    running.shard.lost = true;
    void this.#giveBack(running);
  }

  async #snapshot({ shard, worker }: Running): Promise<void> {
    const { redis, env } = this.#context;
    await shard.snapshot(redis, env.PLIMSOLL_NAMESPACE, async (ids) => worker?.forget(ids));
  }

  /** Ends a shard in order: the job under way, a last snapshot, the lease. */
  async #giveBack(running: Running): Promise<void> {
    const { shard, worker, timers } = running;
    for (const timer of timers) clearInterval(timer);
    const impatience = setTimeout(() => {
      shard.lost = true;
    }, GIVE_BACK_MS);
    await worker?.close().catch((error) => this.#warn(error, 'close'));
    await shard.tape?.close(shard.lost ? 0 : LAST_WRITE_MS);
    // A settling under way is no job, and may wait for a store as long: patience ends for it too.
    await shard.run(() => this.#snapshot(running)).catch((error) => this.#warn(error, 'snapshot'));
    clearTimeout(impatience);
    this.#forget(shard);
    await releaseShards(this.#context.db, [shard.lease]).catch((error) => this.#warn(error, 'release'));
  }

  /** The shard belongs to another worker: nothing of it is written any more. */
  async #letGo(shard: Shard): Promise<void> {
    const id = shard.lease.shard;
    const running = this.#running.get(id);
    if (running?.shard !== shard) return;
    for (const timer of running.timers) clearInterval(timer);
    this.#forget(running.shard);
    this.#context.log.warn({ shard: id }, 'fenced: another worker holds the shard');
    await shard.tape?.close(0);
    await running.worker?.close().catch((error) => this.#warn(error, 'close'));
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
