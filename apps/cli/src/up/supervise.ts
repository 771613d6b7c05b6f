/**
 * Keeps one part of the product running: when it ends on its own it is started again after a growing pause. A part that
 * ends again and again is said once, clearly, and once more when it holds. It hides the waiting and the counting; how a
 * part starts and stops is the part's own business.
 */
export interface Running {
  pid: number;
  /** Resolves when it is gone, with how: `exit code 1`, `SIGKILL`. Never rejects. */
  exited: Promise<string>;
  /** Gently at first, by force so that it is gone within the time. */
  stop(withinMs: number): Promise<void>;
}

export interface Part {
  name: string;
  start(): Promise<Running>;
  /** Where to look when it keeps ending. */
  logPath: string;
}

export interface Supervised {
  name: string;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(withinMs: number): Promise<void>;
}

export interface BackOff {
  firstMs: number;
  maxMs: number;
  /** Having run this long, earlier failures no longer count. */
  calmAfterMs: number;
}

const usualBackOff: BackOff = { firstMs: 500, maxMs: 30_000, calmAfterMs: 60_000 };
/** This many ends in a row are a loop. */
const LOOP = 3;

/** Starts the part and keeps it running. Rejects only when the very first start fails: that is the caller's to tell. */
export async function supervise(part: Part, say: (sentence: string) => void, backOff = usualBackOff): Promise<Supervised> {
  let running = await part.start();
  let failures = 0;
  let stopping = false;
  let wake: () => void = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const failed = (how: string): number => {
    failures += 1;
    const ms = Math.min(backOff.maxMs, backOff.firstMs * 2 ** (failures - 1));
    if (failures === 1) say(`${part.name} ended (${how}) and is started again.`);
    if (failures === LOOP) {
      say(`${part.name} keeps ending (${how}): it is tried again, at most every ${backOff.maxMs / 1000} s; see ${part.logPath}.`);
    }
    return ms;
  };
  const startAgain = async (how: string) => {
    for (let reason = how; !stopping; ) {
      await pause(failed(reason));
      if (stopping) return;
      try {
        running = await part.start();
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  };
  const keep = async () => {
    while (!stopping) {
      const calm = setTimeout(() => {
        if (failures >= LOOP) say(`${part.name} holds again.`);
        failures = 0;
      }, backOff.calmAfterMs);
      const how = await running.exited;
      clearTimeout(calm);
      if (!stopping) await startAgain(how);
    }
  };

  const kept = keep();
  return {
    name: part.name,
    get pid() {
      return running.pid;
    },
    stop: async (withinMs) => {
      const end = Date.now() + withinMs;
      stopping = true;
      wake();
      await running.stop(withinMs);
      // A start that was under way when the stop came brings up one more process.
      await Promise.race([kept, pause(Math.max(0, end - Date.now()))]);
      wake();
      await running.stop(Math.max(0, end - Date.now()));
    },
  };
}
