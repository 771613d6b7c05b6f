/**
 * Throws away what is too old, once in ten minutes, by whoever holds shard 0: roll-ups, batch ids, request logs, used links and tokens
 * stay bounded. Once a day it copies what was learnt, for backtests.
 */
import { Inject, Injectable } from '@nestjs/common';
import { copyBaselines, discardBacktests, discardOld, keepFor } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';

const EVERY_MS = 600_000;

@Injectable()
export class HousekeepingService {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONTEXT) private readonly context: Context,
    @Inject(ShardsService) private readonly shards: ShardsService,
  ) {}

  open(): void {
    this.#timer = setInterval(() => void this.#discard(), EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #discard(): Promise<void> {
    if (!this.shards.held.includes(0)) return;
    try {
      const { db, redis, env, now, log } = this.context;
      log.info(await discardOld(db, now()), 'old records discarded');
      await discardBacktests(db);
      const copy = await copyBaselines(db, redis, { namespace: env.PLIMSOLL_NAMESPACE, shards: env.PLIMSOLL_SHARDS, now: now() });
      if (copy) log.info(copy, 'what was learnt is copied, for backtests');
    } catch (error) {
      this.context.log.warn({ err: error }, 'housekeeping failed; tried again later');
    }
    const { history } = this.context;
    // Most often ClickHouse is away, of which the log speaks already.
    if (history) await keepFor(history.history, history.days).catch((err) => this.context.log.warn({ err }, 'retention not set'));
  }
}
