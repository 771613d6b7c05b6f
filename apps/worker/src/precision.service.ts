/**
 * Demotes kinds whose alerts people mostly found false, and restores them, by whoever holds shard 0. What is judged is counted
 * anew each time: nothing is lost by an outage, it only comes later. All workers heed it with the services' settings.
 */
import { Inject, Injectable } from '@nestjs/common';
import { settlePrecision } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

/** People judge alert by alert; a count over a month of verdicts costs milliseconds. */
const EVERY_MS = 5_000;

@Injectable()
export class PrecisionService extends Turns {
  constructor(@Inject(CONTEXT) context: Context, @Inject(ShardsService) shards: ShardsService) {
    super(context, shards, { everyMs: EVERY_MS, failing: 'precision not settled; tried again later' });
  }

  protected override async take(): Promise<void> {
    const { db, now, log } = this.context;
    for (const settled of await settlePrecision(db, now()))
      log.warn(settled, settled.ruling === 'demote' ? 'a kind is demoted to monitor' : 'a kind is believed again');
  }
}
