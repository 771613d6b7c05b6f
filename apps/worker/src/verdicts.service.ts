/**
 * Hands people's verdicts on to the shards whose models raised the alerts, by whoever holds shard 0. Nothing has to be
 * told: an alert that is resolved and not handed on is found by its row, after an outage too (storage/verdicts.ts).
 */
import { Inject, Injectable } from '@nestjs/common';
import { markHeeded, shardsOfVerdict, unheededVerdicts } from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';
import { ShardsService } from './shards.service.js';

/** A person who has said "expected" looks at the page for some seconds: by then it holds. */
const EVERY_MS = 1_000;
/** Verdicts handed on at a time; the next ones a second later. */
const MOST = 100;

@Injectable()
export class VerdictsService {
  #timer: NodeJS.Timeout | undefined;
  #handing: Promise<void> | undefined;

  constructor(
    @Inject(CONTEXT) private readonly context: Context,
    @Inject(ShardsService) private readonly shards: ShardsService,
  ) {}

  open(): void {
    this.#timer = setInterval(() => {
      if (!this.shards.held.includes(0)) return;
      this.#handing ??= this.#handOn().finally(() => {
        this.#handing = undefined;
      });
    }, EVERY_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#handing;
  }

  async #handOn(): Promise<void> {
    const { db, queue, env, now, log } = this.context;
    try {
      const reports = await unheededVerdicts(db, MOST);
      for (const report of reports) {
        const shards = shardsOfVerdict(report, env.PLIMSOLL_SHARDS);
        await queue.enqueueVerdicts(shards.map((shard) => ({ shard, receivedAt: now(), report })));
        await markHeeded(db, [report.alertId], now());
      }
    } catch (error) {
      log.warn({ err: error }, 'verdicts not handed on; tried again later');
    }
  }
}
