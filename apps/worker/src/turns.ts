/**
 * What one worker of the installation does every second or so: whoever holds shard 0. A turn that is under way is waited for,
 * never doubled, and one that fails is taken again at the next: what there is to do is found in the rows, so that an outage only delays it.
 */
import type { Context } from './context.js';
import type { ShardsService } from './shards.service.js';

interface Pace {
  everyMs: number;
  /** What the log says of a turn that failed. */
  failing: string;
}

export abstract class Turns {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;

  protected constructor(
    protected readonly context: Context,
    private readonly shards: ShardsService,
    private readonly pace: Pace,
  ) {}

  protected abstract take(): Promise<void>;

  open(): void {
    const { everyMs, failing } = this.pace;
    this.#timer = setInterval(() => {
      if (!this.shards.held.includes(0)) return;
      this.#turn ??= this.take()
        .catch((error: unknown) => this.context.log.warn({ err: error }, failing))
        .finally(() => {
          this.#turn = undefined;
        });
    }, everyMs).unref();
  }

  /** Ends with the turn that is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
  }
}
