/** What people's verdicts about a pace change: forgotten, learnt, or the norm at once; also over a restart. */
import { type AlertVerdict, type RequestLog, DEFAULT_SETTINGS as settings } from '@plimsoll/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Finding, Model } from '../index.js';

const NOON = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const common = { method: 'GET', path: '/a', status: 200, durationMs: 1, bytesIn: 0, bytesOut: 1, userAgent: '' };
const vouched = { ip: '192.0.2.1', actor: 'ann', authenticated: true, verdict: 'allow', timing: 'live' } as const;

let model = new Model();
let made = 0;
const send = (ts: number, calls: number, fields: Partial<RequestLog> = {}): Finding[] =>
  Array.from({ length: calls }, () => {
    made += 1;
    const assessment = model.assess('shop', { id: `l${made}`, ts, ...common, ...vouched, ...fields }, 'GET /a', settings);
    model.learn(assessment);
    return assessment.findings;
  }).flat();
const settle = (now: number) => {
  for (const contribution of model.takeContributions()) model.absorb(contribution, settings);
  for (const population of model.takePopulations()) model.setPopulation(population);
  model.settle(now);
};
/** Two minutes of 80 requests each ten seconds. */
const burst = (from: number): Finding[] => {
  const found = Array.from({ length: 12 }, (_, index) => send(from + index * 10_000, 80)).flat();
  settle(from + 20 * MINUTE);
  settle(from + 70 * MINUTE);
  return found.filter(({ phase }) => phase === 'opened');
};
const judge = (verdict: AlertVerdict, openedAt: number, { actor = 'ann', requests = 0 } = {}) =>
  model.heed({
    alertId: 'a1',
    service: 'shop',
    kind: 'rate',
    subject: { type: 'actor', id: actor },
    endpoint: 'GET /a',
    verdict,
    openedAt,
    judgedAt: openedAt + 2 * 3_600_000,
    historical: false,
    requests,
  });
const restart = () => {
  const stored = model.takeChanges().puts;
  model = new Model();
  model.restore(stored);
};

/** An hour of habit. */
const known = () => {
  for (let minute = 0; minute < 60; minute += 1) {
    send(NOON - DAY + minute * MINUTE, 4);
    settle(NOON - DAY + minute * MINUTE + 59_000);
  }
};

beforeEach(() => {
  model = new Model();
  known();
});

describe('a verdict about a pace', () => {
  it('confirmed: what the attack taught is forgotten, as if it had not been', () => {
    const [first] = burst(NOON);
    const [flagged] = burst(NOON + DAY);
    expect(flagged?.limit).toBeGreaterThan(first?.limit ?? 0);
    judge('true-positive', NOON);
    const [again] = burst(NOON + 2 * DAY);
    expect(again?.limit).toBeLessThanOrEqual((first?.limit ?? 0) * 1.3);
  });
  it('confirmed while the attack goes on: the block that is still open teaches nothing when it closes', () => {
    const limitAfter = (attacked: boolean): number => {
      model = new Model();
      known();
      if (attacked) expect(send(NOON, 80).some(({ phase }) => phase === 'opened')).toBe(true);
      if (attacked) judge('true-positive', NOON);
      settle(NOON + 20 * MINUTE);
      settle(NOON + 70 * MINUTE);
      return burst(NOON + DAY)[0]?.limit ?? 0;
    };
    expect(limitAfter(true)).toBe(limitAfter(false));
  });
  it('the copy outlives a restart', () => {
    const [first] = burst(NOON);
    restart();
    judge('true-positive', NOON);
    expect(burst(NOON + DAY)[0]?.limit).toBeLessThanOrEqual((first?.limit ?? 0) * 1.3);
  });
  it('an expected change raises nothing more at that level, and something far beyond it', () => {
    expect(burst(NOON)).toHaveLength(1);
    judge('expected-change', NOON);
    restart();
    expect(burst(NOON + DAY)).toEqual([]);
    expect(send(NOON + 2 * DAY, 2000).length).toBeGreaterThan(0);
  });
  it('an expected change is heeded for who was above the limit from the first request on and refused ever since', () => {
    const robot = { actor: 'robot', verdict: 'throttle' } as const;
    const work = (from: number, verdict: RequestLog['verdict']): Finding[] => {
      const found: Finding[] = [];
      for (let ts = from; ts < from + 30 * MINUTE; ts += 10_000) {
        found.push(...send(ts, 60, { ...robot, verdict: found.length === 0 ? 'allow' : verdict }));
        settle(ts + 9_000);
      }
      settle(from + 100 * MINUTE);
      return found;
    };
    const quiet = (from: number) => {
      for (let ts = from; ts < from + 60 * MINUTE; ts += MINUTE) send(ts, 2, { actor: 'robot' });
    };
    expect(work(NOON, 'throttle')[0]).toMatchObject({ kind: 'rate', phase: 'opened', subject: { id: 'robot' } });
    quiet(NOON + 2 * 60 * MINUTE); // The chart has forgotten the peaks by the time that somebody judges.
    const again = work(NOON + DAY, 'throttle');
    expect(again[0]).toMatchObject({ kind: 'rate', phase: 'opened' });
    quiet(NOON + DAY + 2 * 60 * MINUTE);
    judge('expected-change', NOON + DAY + 3 * 60 * MINUTE, { actor: 'robot', requests: again.at(-1)?.count ?? 0 });
    restart();
    expect(work(NOON + 2 * DAY, 'allow')).toEqual([]);
    expect(send(NOON + 3 * DAY, 3000, { actor: 'robot' }).length).toBeGreaterThan(0);
  });
  it('a false positive is learnt, less than an expected change', () => {
    const [first] = burst(NOON);
    judge('false-positive', NOON);
    const limit = send(NOON + DAY, 3000)[0]?.limit ?? Number.POSITIVE_INFINITY;
    expect(limit).toBeGreaterThan(first?.limit ?? 0);
    expect(limit).toBeLessThan(2000);
  });
});
