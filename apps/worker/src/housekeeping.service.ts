/**
 * Throws away what is too old, once in ten minutes: roll-ups, batch ids, request logs, used links and tokens stay bounded.
 * Once a day it copies what was learnt, for backtests.
 */
import { Inject, Injectable } from '@nestjs/common';
import { copyBaselines, discardBacktests, discardGaps, discardOld, keepFor, listServices } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import type { HistoryPool } from './history/pool.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

@Injectable()
export class HousekeepingService extends Turns {
  constructor(@Inject(CONTEXT) context: Context, @Inject(ShardsService) shards: ShardsService) {
    super(context, shards, { everyMs: 600_000, failing: 'housekeeping failed; tried again later' });
  }

  protected async take(): Promise<void> {
    const { db, redis, env, history, now, log } = this.context;
    // ClickHouse may be away for longer than the other stores, which must not fill up meanwhile.
    if (history) await this.#retain(history).catch((err: unknown) => log.warn({ err }, 'retention not set'));
    log.info(await discardOld(db, now()), 'old records discarded');
    await discardBacktests(db);
    const copy = await copyBaselines(db, redis, { namespace: env.PLIMSOLL_NAMESPACE, shards: env.PLIMSOLL_SHARDS, now: now() });
    if (copy) log.info(copy, 'what was learnt is copied, for backtests');
  }

  async #retain({ history, days }: HistoryPool): Promise<void> {
    const services = await listServices(this.context.db);
    const own = services.flatMap(({ id, historyDays }) => (historyDays === null ? [] : [[id, historyDays] as const]));
    await discardGaps(this.context.db, this.context.now(), days);
    const { rows } = await keepFor(history, { days, ofServices: new Map(own) });
    if (rows > 0) this.context.log.info({ rows }, 'request logs discarded for services that keep less than others');
  }
}
