/**
 * Taking a shard over: the last snapshot is loaded, and kept jobs that it does not contain are learnt again in their order,
 * without any effect but their contributions, which have the same job ids as before; what was settled between them by the
 * clock is settled again, at the same clock. Then the shard goes on as if nothing had happened.
 */
import {
  batchesAfter,
  batchesUpTo,
  type CommittedBatch,
  claimBaselines,
  Fenced,
  loadBaselines,
  type ShardJob,
  type ShardWorker,
  settledAt,
} from '@plimsoll/storage';
import type { BatchProcessor } from './batch.processor.js';
import type { Context } from './context.js';
import type { KnowledgeService, ServiceRules } from './knowledge.service.js';
import type { Shard } from './shard.js';

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
  const contained = await batchesUpTo(context.db, await worker.kept(), seq);
  await worker.forget(contained);
  const after = await batchesAfter(context.db, shard.lease.shard, seq);
  const rulesOf = await knowledge.rules();
  let learnt = 0;
  for (const batch of after) {
    if (shard.lost) throw new Fenced(shard.lease.shard);
    if (await learnAgain(shard, batch, parts, rulesOf)) learnt += 1;
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
    gone: after.length - learnt,
    reclaimed,
  };
  context.log.info(facts, 'shard taken');
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
    shard.settled(batch.seq);
    return true;
  }
  const job = await worker.find(batch.id);
  if (job) {
    learnOnly(shard, job, new Set(batch.skipped), knowledge, rulesOf);
    if (job.name === 'requests') {
      const { service, requests } = job.data;
      const counted = requests.flatMap(({ id }, index) => (batch.skipped.includes(index) ? [] : id));
      await processor.remember(shard, service, counted);
    }
    // What a job of contributions leaves goes with the next batch or settling, as it did before.
    const left = job.name === 'requests' ? shard.model.takeContributions() : [];
    await processor.contribute(shard, job.id, left);
  }
  shard.committed(batch.seq, batch.id, job?.data.receivedAt ?? 0);
  return job !== undefined;
}

function learnOnly(
  shard: Shard,
  job: ShardJob,
  skipped: ReadonlySet<number>,
  knowledge: KnowledgeService,
  rulesOf: (service: string) => ServiceRules,
): void {
  if (job.name === 'verdicts') {
    shard.model.heed(job.data.report);
    return;
  }
  if (job.name === 'contributions') {
    for (const contribution of job.data.contributions) {
      shard.model.absorb(contribution, rulesOf(contribution.service).settings);
    }
    return;
  }
  const { service, requests } = job.data;
  requests.forEach((log, index) => {
    if (skipped.has(index)) return;
    const endpoint = knowledge.endpointOf(service, log);
    shard.model.learn(shard.model.assess(service, log, endpoint, rulesOf(service).settings));
    shard.evidence.note(service, log, endpoint);
  });
}
