/** A wait between two tries that can be cut short. Its timer never keeps the host's process alive. */
export class Pause {
  #end: (() => void) | undefined;

  /** One at a time. */
  take(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the present wait; without one nothing happens. */
  end(): void {
    this.#end?.();
  }
}
