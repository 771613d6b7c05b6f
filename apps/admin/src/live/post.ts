/**
 * What is told in the order in which it came, though something has to be looked up first. What could not be looked up, or is
 * too much, is told without its content: pages then see that they missed something, and ask.
 */
const MOST = 1_000;

export class Post {
  /** Told without content. */
  dropped = 0;
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  /** @param tell is given what `look` gives, or undefined. It must not throw. */
  add<T>(look: () => Promise<T>, tell: (told: T | undefined) => void): void {
    const full = this.waiting >= MOST;
    this.waiting += 1;
    this.last = this.last.then(async () => {
      const told = full ? undefined : await look().catch(() => undefined);
      this.waiting -= 1;
      if (told === undefined) this.dropped += 1;
      tell(told);
    });
  }
}
