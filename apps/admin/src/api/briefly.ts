/**
 * An answer that every open page asks for again and again, read once for all who may see the same of it, and held for a moment. Who
 * asks while it is being read waits for that reading. A reading that fails is held for nobody.
 */
export class Briefly<T> {
  private readonly held = new Map<string, { at: number; answer: Promise<T> }>();

  /**
   * @param heldMs from the beginning of the reading on
   * @param most keys; beyond it the one that was read first is forgotten, and is read again when it is asked for.
   */
  constructor(
    private readonly heldMs: number,
    private readonly most = 100,
  ) {}

  /** @param key what of it the caller may see, whole. @param now milliseconds since the epoch. */
  of(key: string, now: number, read: () => Promise<T>): Promise<T> {
    const known = this.held.get(key);
    if (known !== undefined && Math.abs(now - known.at) < this.heldMs) return known.answer;
    const answer = read();
    this.held.delete(key);
    this.held.set(key, { at: now, answer });
    const [first] = this.held.keys();
    if (this.held.size > this.most && first !== undefined) this.held.delete(first);
    answer.catch(() => {
      if (this.held.get(key)?.answer === answer) this.held.delete(key);
    });
    return answer;
  }
}
