/**
 * Sees erasures through, by whoever holds shard 0: sends each round to the shards, and at the end removes the actor from the history
 * and the records, with a report of what was removed and what is left. The rows say what is to be done: an outage only delays it.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Erasure } from '@plimsoll/contracts';
import {
  announceFeed,
  announceRisks,
  eraseFromHistory,
  eraseRecords,
  feedVersions,
  finishErasure,
  keepsJobsBefore,
  leftOf,
  listServices,
  noteErased,
  type OpenErasure,
  openErasures,
  publishLive,
} from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

const EVERY_MS = 1_000;
const FAILING = 'an erasure does not go on; tried again later';

const KEPT: Erasure['kept'] = [
  {
    place: 'the audit',
    why: 'Its rows are a chain. They name the user by a reference alone, which nobody can resolve any more.',
  },
  { place: 'roll-ups, counts and estimates', why: 'They count requests and name nobody.' },
  { place: 'logs of the processes', why: 'A few may name the user until their files are replaced, at ten MiB a process.' },
  { place: 'backups of the stores', why: 'They are yours: after a restore, erase the user again.' },
];

@Injectable()
export class ErasuresService extends Turns {
  constructor(@Inject(CONTEXT) context: Context, @Inject(ShardsService) shards: ShardsService) {
    super(context, shards, { everyMs: EVERY_MS, failing: FAILING });
  }

  /** One that fails holds up no other. */
  protected override async take(): Promise<void> {
    const { db, log } = this.context;
    for (const erasure of await openErasures(db)) {
      await this.#advance(erasure).catch((error: unknown) => log.warn({ err: error, erasure: erasure.id }, FAILING));
    }
  }

  async #advance(erasure: OpenErasure): Promise<void> {
    const { queue, now } = this.context;
    const { id, round, waiting } = erasure;
    if (waiting.length > 0) {
      await queue.enqueueErasures(waiting.map((shard) => ({ shard, receivedAt: now(), erasure: id, round })));
    } else if (!(await this.#isOnItsWay(id)) && (await this.#isOutOfHistory(erasure))) await this.#finish(erasure);
  }

  /** Jobs of before are kept until the history has their logs. */
  async #isOnItsWay(id: string): Promise<boolean> {
    const { db, redis, env } = this.context;
    for (let shard = 0; shard < env.PLIMSOLL_SHARDS; shard += 1) {
      if (await keepsJobsBefore({ db, redis, namespace: env.PLIMSOLL_NAMESPACE }, id, shard)) return true;
    }
    return false;
  }

  /** Rewriting a large history takes hours: this begins it, or looks whether it is through. */
  async #isOutOfHistory({ id, actor }: OpenErasure): Promise<boolean> {
    const { db, history } = this.context;
    if (!history) return true;
    const note = (count: number) => noteErased(db, id, { place: 'request history', count });
    return (await eraseFromHistory(history.history, { id, actor }, note)).type === 'through';
  }

  async #finish({ id, actor }: OpenErasure): Promise<void> {
    const { db, redis, env, now, log } = this.context;
    const at = now();
    const services = await db.transaction(async (tx) => {
      const { erased, services: changed } = await eraseRecords(tx, actor, at);
      const kept = [...KEPT, ...(await leftOf(tx, actor))];
      await finishErasure(tx, id, { erased, kept }, at);
      return changed;
    });
    log.info({ erasure: id }, 'an actor was erased');
    for (const [service, version] of await feedVersions(db, services))
      await announceFeed(redis, env.PLIMSOLL_NAMESPACE, service, version);
    for (const { id: service } of await listServices(db)) await announceRisks(redis, env.PLIMSOLL_NAMESPACE, service);
    await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'privacy-changed' });
  }
}
