/** Waiting, for benchmarks that watch a running product. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again every `everyMs` until the answer is not undefined; throws after `seconds`. */
export async function until<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  what: string,
  seconds = 30,
  everyMs = 5,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`never happened within ${seconds} s: ${what}`);
    await sleep(everyMs);
  }
}
