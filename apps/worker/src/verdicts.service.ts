/**
 * Hands people's verdicts on to the shards whose models raised the alerts, by whoever holds shard 0. Nothing has to be
 * told: an alert that is resolved for good and not handed on is found by its row, after an outage too (storage/verdicts.ts).
 */
import { Inject, Injectable } from '@nestjs/common';
import { markHeeded, shardsOfVerdict, unheededVerdicts } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

/** Beside the seconds in which a verdict can be taken back, that is soon. */
const EVERY_MS = 1_000;
/** Verdicts handed on at a time; the next ones a second later. */
const MOST = 100;

@Injectable()
export class VerdictsService extends Turns {
  constructor(@Inject(CONTEXT) context: Context, @Inject(ShardsService) shards: ShardsService) {
    super(context, shards, { everyMs: EVERY_MS, failing: 'verdicts not handed on; tried again later' });
  }

  protected override async take(): Promise<void> {
    const { db, queue, env, now } = this.context;
    for (const report of await unheededVerdicts(db, now(), MOST)) {
      const shards = shardsOfVerdict(report, env.PLIMSOLL_SHARDS);
      await queue.enqueueVerdicts(shards.map((shard) => ({ shard, receivedAt: now(), report })));
      await markHeeded(db, [report.alertId], now());
    }
  }
}
