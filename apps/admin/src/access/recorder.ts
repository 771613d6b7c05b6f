/**
 * Keeps the decisions of this process for edits to be tried on (storage/access-record.ts): gathered for a second, written
 * without anybody waiting. Where Redis is away or too many come, the oldest go, and are counted.
 */
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type RecordedDecision, recordDecisions } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';

const FLUSH_MS = 1_000;
const MAX_HELD = 1_000;

@Injectable()
export class Recorder implements OnModuleDestroy {
  dropped = 0;
  private held: RecordedDecision[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(@InjectContext() private readonly context: Context) {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  record(decision: RecordedDecision): void {
    this.held.push(decision);
    if (this.held.length <= MAX_HELD) return;
    this.held.shift();
    this.dropped += 1;
  }

  async flush(): Promise<void> {
    const decisions = this.held;
    this.held = [];
    const { redis, env, log } = this.context;
    try {
      await recordDecisions(redis, env.PLIMSOLL_NAMESPACE, decisions);
    } catch (err) {
      this.dropped += decisions.length;
      log.warn({ err, decisions: decisions.length }, 'decisions of the access policy were not kept');
    }
  }
}
