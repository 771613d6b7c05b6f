/** A progress line on standard error, on a terminal only: rewritten in place, gone at the end. */
const WIDTH = 24;
const EVERY_MS = 200;

export class Progress {
  #drawnAt = 0;
  #said = false;
  readonly #began = Date.now();
  readonly #live = process.stderr.isTTY === true;

  /** `total` 0: unknown. */
  constructor(private readonly total: number) {}

  /** `done` of the total; `say` is called only when something is drawn. */
  draw(done: number, say: () => string): void {
    const now = Date.now();
    if (!this.#live || now - this.#drawnAt < EVERY_MS) return;
    this.#drawnAt = now;
    process.stderr.write(`\r\u001b[K${this.#bar(done, now)}${say()}`);
  }

  /** For what must not pass in silence where no line is drawn (a script, a log): said the first time only. */
  once(text: string): void {
    if (this.#live || this.#said) return;
    this.#said = true;
    process.stderr.write(`${text}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#live && this.#drawnAt > 0) process.stderr.write('\r\u001b[K');
  }

  #bar(done: number, now: number): string {
    if (this.total <= 0) return '';
    const share = Math.min(1, done / this.total);
    const filled = Math.round(share * WIDTH);
    const left = share > 0.02 ? `, ${Math.ceil(((now - this.#began) / 1000) * (1 / share - 1))} s left` : '';
    return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)} %${left}  `;
  }
}
