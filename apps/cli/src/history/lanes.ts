/**
 * How many statements run at once, and how many wait: reads and writes have lanes of their own, so that no search holds up
 * what is written. Who finds the queue full is refused at once, and counted.
 */
export class Lane {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Refused since the start. */
  refused = 0;

  constructor(
    private readonly most: number,
    private readonly mostWaiting: number,
  ) {}

  /** @returns what gives the place back; undefined where too many wait already. */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#running >= this.most) {
      if (this.#waiting.length >= this.mostWaiting) {
        this.refused += 1;
        return undefined;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    };
  }
}
