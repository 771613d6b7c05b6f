/**
 * The console watches itself: the logs of its own requests go, by our own SDK and through the door that everybody's logs come in by, to
 * the service `plimsoll-admin`. Nobody waits for that, and it asks nothing of the console, so that it cannot feed itself. Where ingestion is
 * away the SDK holds 10,000 logs, then drops the oldest, counts them and says so once a minute.
 */
import { type Guard, plimsoll, type RecordedRequest } from '@plimsoll/sdk';
import { ensureSelfService } from '@plimsoll/storage';
import type { Context } from '../context.js';

const TRY_AGAIN_MS = 5_000;
const CLOSE_MS = 1_000;
const MINUTE_MS = 60_000;

export class SelfWatch {
  /** Logs of requests that came before the service was there. */
  missed = 0;
  /** Logs of strangers beyond their budget (own-log.ts). */
  passed = 0;
  private guard: Guard | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly context: Pick<Context, 'db' | 'env' | 'log' | 'now'>) {}

  /** Sees to the service and its key, and begins. With PostgreSQL away it tries again by itself. */
  async open(): Promise<void> {
    const { db, env, log, now } = this.context;
    try {
      const key = await ensureSelfService(db, env.PLIMSOLL_MASTER_KEY, now());
      if (this.closed) return;
      const url = (env.OWN_INGEST_URL ?? env.INGEST_URL).origin;
      this.guard = plimsoll({
        ...{ url, key, instance: 'console' },
        onError: ({ code, message }) => {
          // The key pins nothing on purpose: the console enforces no decision on itself.
          if (code !== 'config') log.warn({ code, fault: message }, 'the console is not watched');
        },
      });
    } catch (err) {
      log.warn({ err }, 'the console is not watched yet');
      if (!this.closed) this.timer = setTimeout(() => void this.open(), TRY_AGAIN_MS).unref();
    }
  }

  record(request: RecordedRequest): void {
    if (this.guard === undefined) this.missed += 1;
    else this.guard.record(request);
  }

  /** Counts one that is left out, and says so once a minute. */
  pass(): void {
    this.passed += 1;
    const { log, now } = this.context;
    if (now() - this.saidAt < MINUTE_MS) return;
    this.saidAt = now();
    log.warn({ passed: this.passed }, 'more requests of strangers than the watch of the console takes');
  }

  /** Sends what is held, for a second at most. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.guard?.close(CLOSE_MS);
  }
}
