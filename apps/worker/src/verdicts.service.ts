/**
 * Hands people's verdicts on to the shards whose models raised the alerts, by whoever holds shard 0. Nothing has to be
 * told: an alert that is resolved and not handed on is found by its row, after an outage too (storage/verdicts.ts).
 */
import { Inject, Injectable } from '@nestjs/common';
import { markHeeded, shardsOfVerdict, unheededVerdicts } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';
import { Turns } from './turns.js';

/** A person who has said "expected" looks at the page for some seconds: by then it holds. */
const EVERY_MS = 1_000;
/** Verdicts handed on at a time; the next ones a second later. */
const MOST = 100;

@Injectable()
export class VerdictsService {
  readonly #turns: Turns;

  constructor(
    @Inject(CONTEXT) private readonly context: Context,
    @Inject(ShardsService) shards: ShardsService,
  ) {
    const failing = 'verdicts not handed on; tried again later';
    this.#turns = new Turns({ context, shards, everyMs: EVERY_MS, failing }, () => this.#handOn());
  }

  open(): void {
    this.#turns.open();
  }

  async close(): Promise<void> {
    await this.#turns.close();
  }

  async #handOn(): Promise<void> {
    const { db, queue, env, now } = this.context;
    for (const report of await unheededVerdicts(db, MOST)) {
      const shards = shardsOfVerdict(report, env.PLIMSOLL_SHARDS);
      await queue.enqueueVerdicts(shards.map((shard) => ({ shard, receivedAt: now(), report })));
      await markHeeded(db, [report.alertId], now());
    }
  }
}
