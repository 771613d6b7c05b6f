/**
 * Taking a shard over: the last snapshot is loaded, and kept jobs that it does not contain are learnt again in their order,
 * without any effect but their contributions, which have the same job ids as before; what was settled between them by the
 * clock is settled again, at the same clock. What the history may not have is handed to it again. Then the shard goes on as if
 * nothing had happened.
 */
import {
  batchesAfter,
  batchesOver,
  type CommittedBatch,
  claimBaselines,
  dropMark,
  Fenced,
  type KeptLog,
  loadBaselines,
  openMark,
  type ShardJob,
  type ShardWorker,
  settledAt,
} from '@plimsoll/storage';
import type { BatchProcessor } from './batch.processor.js';
import type { Context } from './context.js';
import { Tape } from './history/tape.js';
import type { KnowledgeService, ServiceRules } from './knowledge.service.js';
import type { Shard } from './shard.js';

type RequestsJob = Extract<ShardJob, { name: 'requests' }>;

interface Parts {
  context: Context;
  knowledge: KnowledgeService;
  processor: BatchProcessor;
  worker: ShardWorker;
}

export async function takeOver(shard: Shard, parts: Parts): Promise<void> {
  const { context, knowledge, worker } = parts;
  const namespace = context.env.PLIMSOLL_NAMESPACE;
  if (!(await claimBaselines(context.redis, namespace, shard.lease))) throw new Fenced(shard.lease.shard);
  const { seq, entries } = await loadBaselines(context.redis, namespace, shard.lease.shard);
  shard.model.restore(entries);
  shard.seq = seq;
  knowledge.join(shard.model);
  const mark = await openTape(shard, context);
  const first = Math.min(seq, mark.done);
  await forgetOver(shard, worker, context, first);
  const after = await batchesAfter(context.db, shard.lease.shard, first);
  const rulesOf = await knowledge.rules();
  let learnt = 0;
  for (const batch of after) {
    if (shard.lost) throw new Fenced(shard.lease.shard);
    if (batch.seq <= seq) await noteAgain(shard, batch, parts);
    else if (await learnAgain(shard, batch, parts, rulesOf)) learnt += 1;
  }
  const reclaimed = await worker.reclaim();
  for (const id of await worker.deadLetters()) {
    if (await worker.replay(id)) context.log.warn({ shard: shard.lease.shard, job: id }, 'dead letter gets its second chance');
  }
  const facts = {
    shard: shard.lease.shard,
    entities: entries.length,
    seq,
    learntAgain: learnt,
    gone: after.filter((batch) => batch.seq > seq).length - learnt,
    reclaimed,
  };
  context.log.info(facts, 'shard taken');
}

/** A job of which PostgreSQL knows nothing would be kept for ever, and hold up each erasure. */
async function forgetOver({ lease }: Shard, worker: ShardWorker, { db, log }: Context, seq: number): Promise<void> {
  const { upTo, unknown } = await batchesOver(db, await worker.kept(), seq);
  if (unknown.length > 0) {
    const facts = { shard: lease.shard, jobs: unknown.length };
    log.warn(facts, 'finished jobs of no batch that PostgreSQL knows are forgotten: was it restored?');
  }
  await worker.forget([...upTo, ...unknown]);
}

/** @returns up to where the history has the shard's logs; what the snapshot has, where none is kept. */
async function openTape(shard: Shard, { db, history, log, now }: Context): Promise<{ done: number }> {
  const { lease, seq } = shard;
  if (history === undefined) {
    await dropMark(db, lease);
    return { done: seq };
  }
  const mark = await openMark(db, lease, seq);
  shard.tape = new Tape(lease, mark, { pool: history, db, log, now, onFenced: () => shard.lose() });
  return mark;
}

/** The snapshot contains the batch, and the history may not: it is handed there again. Where it is counted as lost its job may go. */
async function noteAgain(shard: Shard, batch: CommittedBatch, { knowledge, worker }: Parts): Promise<void> {
  const isNeeded = settledAt(batch.id) === undefined && shard.tape?.has(batch.seq) === false;
  const job = isNeeded ? await worker.find(batch.id) : undefined;
  const kept = job?.name === 'requests' ? keptOf(job, batch, knowledge) : [];
  shard.committed(batch.seq, batch.id, job?.data.receivedAt ?? 0, kept);
}

/** The logs of a batch that counted, with their endpoints. */
function keptOf(
  { data: { service, requests } }: RequestsJob,
  { skipped }: CommittedBatch,
  knowledge: KnowledgeService,
): KeptLog[] {
  const left = new Set(skipped);
  return requests.flatMap((log, index) =>
    left.has(index) ? [] : [{ service, endpoint: knowledge.endpointOf(service, log), log }],
  );
}

/** @returns false where the job is gone: Redis lost it, or it was removed with a snapshot that Redis lost. */
async function learnAgain(
  shard: Shard,
  batch: CommittedBatch,
  { knowledge, processor, worker }: Parts,
  rulesOf: (service: string) => ServiceRules,
): Promise<boolean> {
  const clock = settledAt(batch.id);
  if (clock !== undefined) {
    shard.model.settle(clock);
    await processor.contribute(shard, batch.id, shard.model.takeContributions());
    shard.settled(batch.seq, batch.id);
    return true;
  }
  const job = await worker.find(batch.id);
  let kept: KeptLog[] = [];
  if (job?.name === 'requests') {
    kept = keptOf(job, batch, knowledge);
    learnLogs(shard, kept, rulesOf);
    const { service } = job.data;
    await processor.remember(
      shard,
      service,
      kept.map(({ log }) => log.id),
    );
    await processor.contribute(shard, job.id, shard.model.takeContributions());
  } else if (job) {
    learnOthers(shard, job, rulesOf);
    // What a job of contributions leaves goes with the next batch or settling, as it did before.
    await processor.contribute(shard, job.id, []);
  }
  shard.committed(batch.seq, batch.id, job?.data.receivedAt ?? 0, kept);
  return job !== undefined;
}

function learnLogs(shard: Shard, kept: readonly KeptLog[], rulesOf: (service: string) => ServiceRules): void {
  for (const { service, endpoint, log } of kept) {
    shard.model.learn(shard.model.assess(service, log, endpoint, rulesOf(service).settings));
    shard.evidence.note(service, log, endpoint);
  }
}

function learnOthers(shard: Shard, job: Exclude<ShardJob, RequestsJob>, rulesOf: (service: string) => ServiceRules): void {
  if (job.name === 'erasures') return; // What it removed is not in the snapshot.
  if (job.name === 'verdicts') {
    shard.model.heed(job.data.report);
    return;
  }
  for (const contribution of job.data.contributions) {
    shard.model.absorb(contribution, rulesOf(contribution.service).settings);
  }
}
