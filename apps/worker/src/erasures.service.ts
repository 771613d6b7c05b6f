/**
 * Sees erasures through, by whoever holds shard 0: sends each round to the shards, and at the end removes the actor from the history
 * and the records, with a report of what was removed and what is left. The rows say what is to be done: an outage only delays it.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Erasure } from '@plimsoll/contracts';
import {
  aloneAt,
  announceFeed,
  announceRisks,
  eraseFromHistory,
  eraseOwnEndpoints,
  eraseRecords,
  feedVersions,
  finishErasure,
  keepsJobsBefore,
  leftOf,
  listServices,
  noteErased,
  type OpenErasure,
  openErasures,
  placesInSettings,
  publishLive,
} from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

const EVERY_MS = 1_000;
/** Of one that is not done by then the log says so, and again after as long. */
const PATIENCE_MS = 3_600_000;
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
  /** When the log told of each open one last; of none: when it was ordered. */
  #told = new Map<string, number>();

  constructor(@Inject(CONTEXT) context: Context, @Inject(ShardsService) shards: ShardsService) {
    super(context, shards, { everyMs: EVERY_MS, failing: FAILING });
  }

  /** One that fails holds up no other. */
  protected override async take(): Promise<void> {
    const { db, log } = this.context;
    const open = await openErasures(db);
    this.#told = new Map(open.map(({ id, askedAt }) => [id, this.#told.get(id) ?? askedAt]));
    for (const erasure of open) {
      await this.#advance(erasure).catch((error: unknown) => log.warn({ err: error, erasure: erasure.id }, FAILING));
    }
  }

  async #advance(erasure: OpenErasure): Promise<void> {
    const { queue, now } = this.context;
    const { id, round, waiting } = erasure;
    if (waiting.length > 0) {
      await queue.enqueueErasures(waiting.map((shard) => ({ shard, receivedAt: now(), erasure: id, round })));
      this.#wait(erasure, { for: `shards ${waiting.join(', ')}` });
    } else if (await this.#isOnItsWay(id)) this.#wait(erasure, { for: 'jobs of before that are kept for the history' });
    else if (await this.#isOutOfHistory(erasure)) await this.#finish(erasure);
  }

  /** A first fault is told of at once. */
  #wait({ id, askedAt }: OpenErasure, facts: { for: string; fault?: string | undefined }): void {
    const at = this.context.now();
    const last = this.#told.get(id) ?? askedAt;
    const isNews = facts.fault !== undefined && last === askedAt;
    if (!isNews && at - last < PATIENCE_MS) return;
    this.#told.set(id, at);
    this.context.log.warn({ erasure: id, ...facts }, 'an erasure waits');
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
  async #isOutOfHistory(erasure: OpenErasure): Promise<boolean> {
    const { db, history } = this.context;
    const { id, actor } = erasure;
    if (!history) return true;
    const note = async (count: number) => {
      // Who else was at an endpoint nobody can tell when its logs are gone.
      await eraseOwnEndpoints(db, id, await aloneAt(history.history, actor, await placesInSettings(db, actor)));
      await noteErased(db, id, { place: 'request history', count });
    };
    const erased = await eraseFromHistory(history.history, { id, actor }, note);
    if (erased.type === 'working') this.#wait(erasure, { for: 'the deletion in ClickHouse', fault: erased.fault });
    return erased.type === 'through';
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
