/** Throws away what is too old, once in ten minutes, by whoever holds shard 0: roll-ups, batch ids, used links and tokens stay bounded. */
import { Inject, Injectable } from '@nestjs/common';
import { discardOld } from '@plimsoll/storage';
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
      this.context.log.info(await discardOld(this.context.db, this.context.now()), 'old records discarded');
    } catch (error) {
      this.context.log.warn({ err: error }, 'housekeeping failed; tried again later');
    }
  }
}
