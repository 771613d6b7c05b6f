import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Running, supervise } from './supervise.js';

/** A part whose ends the test decides; each start takes the next outcome, `true` when there is none. */
function part(outcomes: (true | string)[] = []) {
  const starts: { at: number; end: (how: string) => void; stopped: boolean }[] = [];
  const start = async (): Promise<Running> => {
    const outcome = outcomes.shift() ?? true;
    if (outcome !== true) throw new Error(outcome);
    let end: (how: string) => void = () => {};
    const exited = new Promise<string>((resolve) => {
      end = resolve;
    });
    const entry = { at: Date.now(), end, stopped: false };
    starts.push(entry);
    const stop = async () => {
      entry.stopped = true;
      end('SIGTERM');
    };
    return { pid: starts.length, exited, stop };
  };
  return { name: 'worker', logPath: 'worker.log', start, starts };
}
const backOff = { firstMs: 100, maxMs: 400, calmAfterMs: 10_000 };

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a supervised part', () => {
  it('is started again after pauses that double up to the longest', async () => {
    const worker = part();
    const supervised = await supervise(worker, () => {}, backOff);
    for (let end = 0; end < 5; end += 1) {
      worker.starts.at(-1)?.end('SIGKILL');
      await pass(1_000);
    }
    // Each ended at a full second: 100, 200, 400, 400, 400 ms later it ran again.
    expect(worker.starts.map(({ at }) => at)).toEqual([0, 100, 1_200, 2_400, 3_400, 4_400]);
    expect(supervised.pid).toBe(6);
    await supervised.stop(1_000);
  });

  it('says a loop once, and once more when the part holds', async () => {
    const said: string[] = [];
    const worker = part([true, 'no memory', 'no memory', 'no memory', 'no memory']);
    const supervised = await supervise(worker, (sentence) => said.push(sentence), backOff);
    worker.starts[0]?.end('exit code 1 (no memory)');
    await pass(5_000);
    expect(said).toEqual([
      'worker ended (exit code 1 (no memory)) and is started again.',
      'worker keeps ending (no memory): it is tried again, at most every 0.4 s; see worker.log.',
    ]);
    await pass(10_000);
    expect(said.slice(2)).toEqual(['worker holds again.']);
    worker.starts.at(-1)?.end('SIGKILL');
    await pass(100);
    expect(said[3]).toBe('worker ended (SIGKILL) and is started again.');
    await supervised.stop(1_000);
  });

  it('is not started again once stopped, neither when running nor in the pause', async () => {
    const running = part();
    await (await supervise(running, () => {}, backOff)).stop(1_000);
    const pausing = part();
    const supervised = await supervise(pausing, () => {}, backOff);
    pausing.starts[0]?.end('SIGKILL');
    await pass(50);
    await supervised.stop(1_000);
    await pass(10_000);
    expect(running.starts.map(({ stopped }) => stopped)).toEqual([true]);
    expect(pausing.starts).toHaveLength(1);
  });

  it('is stopped too when it comes up only after the stop', async () => {
    const worker = part();
    const slow = { ...worker, start: () => worker.start() };
    const supervised = await supervise(slow, () => {}, backOff);
    slow.start = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return worker.start();
    };
    worker.starts[0]?.end('SIGKILL');
    await pass(150);
    const stopped = supervised.stop(1_000);
    await pass(1_000);
    await stopped;
    expect(worker.starts.map(({ stopped }) => stopped)).toEqual([true, true]);
  });

  it('leaves the failure of its first start to the caller', async () => {
    await expect(supervise(part(['exit code 78']), () => {}, backOff)).rejects.toThrow('exit code 78');
  });
});
