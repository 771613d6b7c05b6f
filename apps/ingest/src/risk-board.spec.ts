import type { SubjectRisk } from '@plimsoll/storage';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RiskBoard } from './risk-board.js';

const T = 1_790_000_000_000;
const of = (id: string, change: Partial<SubjectRisk> = {}): SubjectRisk => ({
  subject: { type: 'actor', id },
  score: 0.6,
  quietSince: T,
  since: T,
  signals: ['rate'],
  alerts: 1,
  provedAt: null,
  ...change,
});

let risks: SubjectRisk[];
let left: number;
let reads: number;
let dropped: number;
let fails: boolean;
let board: RiskBoard;
let woken: number;
beforeEach(() => {
  vi.useFakeTimers({ now: T });
  [risks, left, reads, dropped, fails, woken] = [[], 0, 0, 0, false, 0];
  board = new RiskBoard({
    read: async () => {
      reads += 1;
      if (fails) throw new Error('away');
      return { risks, left };
    },
    now: () => Date.now(),
    onDrop: (count) => {
      dropped += count;
    },
    log: pino({ level: 'silent' }),
  });
});
afterEach(() => {
  board.close();
  vi.useRealTimers();
});
const follow = async () => {
  const leave = board.follow('shop', () => {
    woken += 1;
  });
  await board.ready('shop');
  return leave;
};
const announce = async (ms = 2_000) => {
  board.announced('shop');
  await vi.advanceTimersByTimeAsync(ms);
};
const ids = (since?: number) => board.change('shop', since).raised.map(({ subject }) => subject.id);

describe('the board of risks', () => {
  it('tells a newcomer all, and others what has changed since their number', async () => {
    risks = [of('ada'), of('bob')];
    await follow();
    const first = board.change('shop', undefined);
    expect([first.previous, first.raised.length]).toEqual([null, 2]);
    expect(board.seq('shop')).toBe(first.seq);
    risks = [of('ada'), of('eve')];
    await announce();
    expect(woken).toBe(2);
    expect(board.change('shop', first.seq)).toEqual({
      previous: first.seq,
      seq: first.seq + 1,
      raised: [of('eve')],
      gone: [{ type: 'actor', id: 'bob' }],
    });
    expect(ids()).toEqual(['ada', 'eve']);
    // Of another process, or of a board before.
    expect(board.change('shop', first.seq + 9).previous).toBeNull();
    expect(board.change('shop', 3).previous).toBeNull();
  });

  it('takes neither fading nor an attack that goes on for news', async () => {
    risks = [of('ada')];
    await follow();
    const seq = board.seq('shop');
    for (let second = 2; second < 60; second += 2) {
      risks = [of('ada', { quietSince: Date.now() })];
      await announce();
    }
    // A change of two hundredths, once.
    expect(board.seq('shop') - seq).toBeLessThanOrEqual(2);
    risks = [of('ada', { quietSince: Date.now(), score: 0.7 })];
    await announce();
    expect(ids(seq)).toEqual(['ada']);
  });

  it('reads at most every two seconds, whatever is announced, and by itself every fifteen', async () => {
    await follow();
    for (let time = 0; time < 40; time += 1) await announce(100);
    expect(reads).toBeLessThanOrEqual(4);
    const before = reads;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads - before).toBe(4);
  });

  it('reads nothing for services that nobody follows', async () => {
    await announce();
    expect(reads).toBe(0);
    const leave = await follow();
    leave();
    await announce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toBe(1);
  });

  it('goes on with what it has while the database is away', async () => {
    risks = [of('ada')];
    await follow();
    fails = true;
    risks = [];
    await announce();
    expect(ids()).toEqual(['ada']);
    fails = false;
    await announce(16_000);
    expect(ids()).toEqual([]);
  });

  it('forgets who is gone beyond its bound: older readers begin anew; and counts what found no room', async () => {
    risks = Array.from({ length: 1_000 }, (_, index) => of(`a${index}`));
    left = 7;
    await follow();
    const { seq } = board.change('shop', undefined);
    risks = Array.from({ length: 1_000 }, (_, index) => of(`b${index}`));
    await announce();
    expect(board.change('shop', seq)).toMatchObject({ previous: seq, gone: { length: 1_000 } });
    risks = Array.from({ length: 1_000 }, (_, index) => of(`c${index}`));
    left = 9;
    await announce();
    expect(board.change('shop', seq).previous).toBeNull();
    expect(board.change('shop', seq + 1).previous).toBe(seq + 1);
    expect(dropped).toBe(9);
  });
});
