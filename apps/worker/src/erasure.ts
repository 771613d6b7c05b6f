/**
 * One shard's part of an erasure, as a job of its queue, so that everything that was counted before is in the model by then: what was
 * learnt is written, the actor is removed from what is written, and the model in memory is given up. Begun again by a successor where it
 * broke off: each step is harmless the second time.
 */
import type { Erasure } from '@plimsoll/contracts';
import { eraseDeadLetters, eraseFromBaselines, findBatch, openErasures, type ShardJob, shardErased } from '@plimsoll/storage';
import type { BatchProcessor } from './batch.processor.js';
import type { Context } from './context.js';
import type { Shard } from './shard.js';

interface Parts {
  shard: Shard;
  context: Context;
  processor: BatchProcessor;
  /** Writes down what the shard has learnt. */
  snapshot(): Promise<void>;
}

/** `removed`: the model names the actor still, and must be given up. `over`: it was done before. `left`: another holds the shard. */
export async function eraseInShard(
  job: ShardJob & { name: 'erasures' },
  { shard, context, processor, snapshot }: Parts,
): Promise<'removed' | 'over' | 'left'> {
  const { db, redis, env } = context;
  const { erasure: id, round } = job.data;
  const patiently = <T>(step: () => Promise<T>) => processor.patiently(shard, step);
  const before = await patiently(() => findBatch(db, job.id));
  const actor = before ? undefined : (await patiently(() => openErasures(db))).find((open) => open.id === id)?.actor;
  if (before) shard.committed(before.seq, job.id, job.data.receivedAt);
  if (actor === undefined) {
    if (!before) await processor.note(shard, job);
    return 'over';
  }
  await patiently(snapshot);
  if (shard.lost) return 'left';
  const { shard: number } = shard.lease;
  const baselines = await patiently(() => eraseFromBaselines(redis, env.PLIMSOLL_NAMESPACE, shard.lease, actor));
  if (baselines === undefined) {
    shard.lose();
    return 'left';
  }
  const letters = await patiently(() => eraseDeadLetters(redis, env.PLIMSOLL_NAMESPACE, number, actor));
  const erased: Erasure['erased'] = [
    { place: 'baselines and open findings', count: baselines },
    { place: 'dead letters', count: letters },
  ];
  await patiently(() => shardErased(db, id, { round, shard: number, erased }));
  await processor.note(shard, job);
  return 'removed';
}
