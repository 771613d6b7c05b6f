/** The benchmark's judge, on made alarms; and the model on small runs of the simulator, by seeds that nobody chose. */
import { describe, expect, it, vi } from 'vitest';
import type { Alarm, MakeDetector } from '../../bench/detection/alarm.js';
import { contest, type Run } from '../../bench/detection/contest.js';
import { Product } from '../../bench/detection/product.js';
import { RIVALS } from '../../bench/detection/rivals.js';
import { scoreRun } from '../../bench/detection/score.js';
import { meanInterval, medianInterval, shareInterval } from '../../bench/detection/statistics.js';
import { outcomesOf, recallOf, standingOf } from '../../bench/detection/tables.js';
import { HOUR, MINUTE } from './parameters.js';
import type { Label } from './simulation.js';

// Some seconds alone, more beside other work.
vi.setConfig({ testTimeout: 120_000 });

const product: MakeDetector = (onAlarm) => new Product(onAlarm);

const label: Label = {
  index: 0,
  kind: 'probing',
  form: 'easy',
  variant: 'scan',
  cold: true,
  start: HOUR,
  end: HOUR + MINUTE,
  subjects: [{ type: 'address', id: '45.0.0.1' }],
  endpoints: ['POST /login'],
};
const alarm = (more: Partial<Alarm>): Alarm => ({
  ts: HOUR + 2000,
  kind: 'probing',
  subject: { type: 'address', id: '45.0.0.1' },
  parties: [],
  opened: true,
  decides: true,
  ...more,
});
const times = [[HOUR, HOUR + 1000, HOUR + 2000, HOUR + 3000]];
const judge = (...alarms: Alarm[]) => {
  const { outcomes, falseAlarms } = scoreRun(alarms, [label], [], times);
  const [{ fitting, any, letThrough } = { fitting: -1, any: -1, letThrough: -1 }] = outcomes;
  return { fitting, any, letThrough, wrong: falseAlarms.length };
};
const missed = { fitting: undefined, any: undefined, letThrough: 4 };

describe('the judge', () => {
  it('takes an alarm on the subject, in time', () => {
    expect(judge(alarm({}))).toEqual({ fitting: 2000, any: 2000, letThrough: 3, wrong: 0 });
    expect(judge(alarm({ kind: undefined }))).toMatchObject({ fitting: 2000 });
    expect(judge(alarm({ decides: false }))).toMatchObject({ fitting: 2000, letThrough: 4 });
  });
  it('tells another kind apart', () => {
    expect(judge(alarm({ kind: 'rate' }))).toEqual({ fitting: undefined, any: 2000, letThrough: 3, wrong: 0 });
  });
  it('counts what is about nobody, or at the wrong time, as false', () => {
    expect(judge(alarm({ subject: { type: 'address', id: '81.0.0.1' } }))).toEqual({ ...missed, wrong: 1 });
    expect(judge(alarm({ ts: HOUR - 1 }))).toEqual({ ...missed, wrong: 1 });
    expect(judge(alarm({ ts: 3 * HOUR }))).toEqual({ ...missed, wrong: 1 });
    expect(judge(alarm({ ts: 3 * HOUR, opened: false }))).toEqual({ ...missed, wrong: 0 });
  });
  it('forgives what an attack leaves behind, but does not call it found', () => {
    expect(judge(alarm({ ts: HOUR + 30 * MINUTE }))).toEqual({ ...missed, wrong: 0 });
  });
  it('takes an alarm on the whole endpoint as found where its kind fits, and as no mistake where it is the attacked one', () => {
    const subject = { type: 'endpoint', id: 'POST /login' } as const;
    expect(judge(alarm({ subject }))).toMatchObject({ fitting: 2000, wrong: 0 });
    expect(judge(alarm({ subject, kind: 'flood' }))).toMatchObject({ fitting: undefined, any: 2000, wrong: 0 });
    expect(judge(alarm({ subject: { type: 'endpoint', id: 'GET /me' } }))).toEqual({ ...missed, wrong: 1 });
    expect(judge(alarm({ subject: { type: 'service', id: 'x' }, kind: 'flood' }))).toEqual({ ...missed, wrong: 1 });
    expect(judge(alarm({ subject: { type: 'service', id: 'x' }, parties: ['45.0.0.1'] }))).toMatchObject({ fitting: 2000 });
  });
  it('lets an outage be told about its endpoint, and blame nobody', () => {
    const outage = { name: 'outage', from: HOUR, until: 2 * HOUR, endpoints: ['GET /orders'] } as const;
    const wrong = (more: Partial<Alarm>) =>
      scoreRun([alarm(more)], [], [{ ...outage, endpoints: ['GET /orders'] }], []).falseAlarms.length;
    expect(wrong({ kind: 'endpoint-health', subject: { type: 'endpoint', id: 'GET /orders' } })).toBe(0);
    expect(wrong({ kind: 'endpoint-health', subject: { type: 'endpoint', id: 'GET /me' } })).toBe(1);
    expect(wrong({ kind: 'endpoint-health', subject: { type: 'service', id: 'x' } })).toBe(0);
    expect(wrong({ kind: 'rate', subject: { type: 'actor', id: 'user-1' } })).toBe(1);
  });
});

describe('intervals', () => {
  it('are those of the textbooks', () => {
    expect(shareInterval(8, 10).map((end) => end.toFixed(3))).toEqual(['0.490', '0.943']);
    expect(meanInterval([1, 2, 3]).map((end) => end.toFixed(2))).toEqual(['-0.48', '4.48']);
    expect(medianInterval([5, 1, 3])).toEqual([1, 5]);
  });
});

const runs = (first: number, many: number, makers: readonly MakeDetector[]): Run[] =>
  Array.from({ length: many }, (_, index) =>
    contest({ seed: first + index, users: 30, days: 1.5, calmDays: 0.75, rhythm: 'global' }, makers),
  );
const outcomes = (some: readonly Run[]) => outcomesOf(some, 'plimsoll');

describe('the model on the simulator', () => {
  it.each([2, 3])('raises nothing on an ordinary first day, seed %i', (seed) => {
    const run = contest({ seed, users: 60, days: 1, calmDays: 1, attacks: false }, [product]);
    expect(run.benign).toBeGreaterThan(20_000);
    expect(run.scores.get('plimsoll')?.falseAlarms).toEqual([]);
  });
  it('finds on fresh seeds what it finds on the first', () => {
    const usual = recallOf(outcomes(runs(1, 1, [product])));
    const fresh = recallOf(outcomes(runs(901, 1, [product])));
    expect(usual.recall).toBeGreaterThan(0.5);
    const [low, high] = shareInterval(usual.recall * usual.attacks, usual.attacks);
    expect(fresh.recall).toBeGreaterThan(low);
    expect(fresh.recall).toBeLessThan(high);
  });
  it('is told apart from its rivals: the published limiter finds nothing, a fixed limit cries wolf', () => {
    const all = runs(7, 1, [product, ...RIVALS]);
    const of = (name: string) => standingOf(all, name);
    expect(of('published limiter').foundAny).toBe(0);
    expect(of('fixed limit 100/h').falsePerMillion).toBeGreaterThan(10 * of('plimsoll').falsePerMillion);
    expect(of('leaky bucket per address (CrowdSec)').found).toBeGreaterThan(0);
  });
});
