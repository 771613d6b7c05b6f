import { beforeEach, describe, expect, it } from 'vitest';
import { Admission, MAX_MEMORY_SHARE, MAX_WAITING_MS } from './admission.js';

let now = 0;
let reads = 0;
let backlog: { waiting: number; oldestWaitingMs: number; memoryShare: number } | undefined;
let admission: Admission;
beforeEach(() => {
  [now, reads] = [1_000_000, 0];
  backlog = { waiting: 0, oldestWaitingMs: 0, memoryShare: 0 };
  admission = new Admission({
    backlog: async () => {
      reads += 1;
      if (backlog === undefined) throw new Error('connection refused');
      return backlog;
    },
    now: () => now,
  });
});
const codeOf = () =>
  admission.check().then(
    () => 'open',
    (error) => error.code,
  );

describe('admission', () => {
  it.each([
    [{ memoryShare: MAX_MEMORY_SHARE - 0.01 }, 'open'],
    [{ memoryShare: MAX_MEMORY_SHARE }, 'overloaded'],
    [{ memoryShare: 1.2 }, 'overloaded'],
    [{ oldestWaitingMs: MAX_WAITING_MS }, 'open'],
    [{ oldestWaitingMs: MAX_WAITING_MS + 1 }, 'overloaded'],
    [{ waiting: 1_000_000 }, 'open'],
  ])('with %j is %s', async (change, code) => {
    backlog = { waiting: 0, oldestWaitingMs: 0, memoryShare: 0, ...change };
    expect(await codeOf()).toBe(code);
  });

  it('is closed where the queue cannot be read, and open again afterwards', async () => {
    backlog = undefined;
    expect(await codeOf()).toBe('unavailable');
    backlog = { waiting: 0, oldestWaitingMs: 0, memoryShare: 0 };
    now += 500;
    expect(await codeOf()).toBe('open');
  });

  it('reads twice a second at most, also when the clock goes back', async () => {
    await Promise.all(Array.from({ length: 10 }, codeOf));
    now += 499;
    await codeOf();
    expect(reads).toBe(1);
    now -= 60_000;
    await codeOf();
    expect(reads).toBe(2);
  });
});
