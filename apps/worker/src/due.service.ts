/**
 * Opens alerts again whose time has come (an acknowledgement ran out, a snooze ends) and folds up their counts, by whoever
 * holds shard 0. The rows say what is due: nothing is lost by an outage, it only comes later.
 */
import { Inject, Injectable } from '@nestjs/common';
import { announceRisks, foldAlertCounts, openDueAlerts, publishLive } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

const EVERY_MS = 1_000;
/** Opened in one transaction; what is left follows at once. */
const MOST = 200;
/** Counts are folded once in so many turns. */
const FOLD_TURNS = 10;

@Injectable()
export class DueService extends Turns {
  #taken = 0;

  constructor(@Inject(CONTEXT) context: Context, @Inject(ShardsService) shards: ShardsService) {
    super(context, shards, { everyMs: EVERY_MS, failing: 'due alerts not opened; tried again later' });
  }

  protected override async take(): Promise<void> {
    while ((await this.#openSome()) === MOST);
    if (this.#taken % FOLD_TURNS === 0) await foldAlertCounts(this.context.db);
    this.#taken += 1;
  }

  async #openSome(): Promise<number> {
    const { db, redis, env, now } = this.context;
    const opened = await db.transaction((tx) => openDueAlerts(tx, now(), MOST));
    for (const service of new Set(opened.map((alert) => alert.service))) {
      await announceRisks(redis, env.PLIMSOLL_NAMESPACE, service);
    }
    for (const alert of opened) await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'alert', alert });
    return opened.length;
  }
}
