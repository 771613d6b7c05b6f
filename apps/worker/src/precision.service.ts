/**
 * Demotes kinds whose alerts people mostly found false, and restores them, by whoever holds shard 0. What is judged is counted
 * anew each time: nothing is lost by an outage, it only comes later. All workers heed it with the services' settings.
 */
import { Inject, Injectable } from '@nestjs/common';
import { settlePrecision } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';

/** People judge alert by alert; a count over a month of verdicts costs milliseconds. */
const EVERY_MS = 5_000;

@Injectable()
export class PrecisionService {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;

  constructor(
    @Inject(CONTEXT) private readonly context: Context,
    @Inject(ShardsService) private readonly shards: ShardsService,
  ) {}

  open(): void {
    this.#timer = setInterval(() => {
      if (!this.shards.held.includes(0)) return;
      this.#turn ??= this.settle().finally(() => {
        this.#turn = undefined;
      });
    }, EVERY_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
  }

  private async settle(): Promise<void> {
    const { db, now, log } = this.context;
    try {
      for (const settled of await settlePrecision(db, now()))
        log.warn(settled, settled.ruling === 'demote' ? 'a kind is demoted to monitor' : 'a kind is believed again');
    } catch (error) {
      log.warn({ err: error }, 'precision not settled; tried again later');
    }
  }
}
