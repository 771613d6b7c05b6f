/**
 * What must hold for every kind alike, on a day of the simulator with all attacks in it: numbers are numbers, a restart
 * at any point changes nothing, and neither does the number of shards nor the order within two seconds.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';
import { describe, expect, it, vi } from 'vitest';
import { Random } from '../traffic/random.js';
import { Simulation } from '../traffic/simulation.js';
import { Play } from './play.js';
import { HOUR, SECOND } from './traffic.js';

// Tens of thousands of logs each: a second or two alone, more beside other work.
vi.setConfig({ testTimeout: 120_000 });

const simulation = new Simulation({ seed: 13, users: 60, days: 1.3, calmDays: 0.8, rhythm: 'global', forms: ['medium'] });
const logs = [...simulation.chunks()].flat().map(({ log }) => log);
const end = (logs.at(-1)?.ts ?? 0) + 3 * HOUR;
const whole = new Play().play(logs).rest(end);

const named = ({ kind, subject }: Finding) => `${kind} ${subject.type} ${subject.id}`;

/** Openings of `some` that have none of the same kind and subject within 5 s in `others`. */
function unmatched(some: readonly Finding[], others: readonly Finding[]): string[] {
  const left = [...others];
  return some.flatMap((finding) => {
    const at = left.findIndex((other) => named(other) === named(finding) && Math.abs(other.ts - finding.ts) <= 5 * SECOND);
    if (at >= 0) left.splice(at, 1);
    return at >= 0 ? [] : [`${named(finding)} at ${new Date(finding.ts).toISOString()}`];
  });
}
const differences = (play: Play) => ({
  only: unmatched(play.opened(), whole.opened()),
  lacking: unmatched(whole.opened(), play.opened()),
});

describe('every kind', () => {
  it('or most of them are found on this day', () => {
    const kinds = new Set(whole.opened().map(({ kind }) => kind));
    // A small service for a day: some need more people or more time, and are held to the same in their own folders.
    expect(kinds.size).toBeGreaterThanOrEqual(8);
  });
  it('speaks in finite numbers and whole sentences', () => {
    for (const finding of whole.findings) {
      const { score, observed, expected, limit, count, evidence, windowSeconds, explanation, phase, points } = finding;
      const numbers = [
        score,
        observed,
        expected,
        limit,
        count,
        windowSeconds,
        evidence.own,
        evidence.population,
        evidence.weight,
      ];
      expect([named(finding), numbers.filter((value) => !Number.isFinite(value))]).toEqual([named(finding), []]);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(explanation).toMatch(/there would be no alert\.$/);
      expect(explanation).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(points.length).toBeLessThanOrEqual(60);
      if (phase === 'opened') expect(observed).toBeGreaterThan(limit);
    }
  });
  it('ends', () => {
    const open = new Set<string>();
    for (const finding of whole.findings) {
      const key = `${named(finding)} ${finding.endpoint}`;
      if (finding.phase === 'ended') open.delete(key);
      else open.add(key);
    }
    expect([...open]).toEqual([]);
  });
});

/**
 * Of both, the share that has its like in the other. Not always all: where a count creeps over its limit, one log earlier or
 * later is another minute. How far from all it is, bench:detection measures.
 */
const agreement = (play: Play) => {
  const { only, lacking } = differences(play);
  return 1 - (only.length + lacking.length) / (play.opened().length + whole.opened().length);
};

describe('nothing changes what is found', () => {
  it('not restarts at any points', () => {
    const random = new Random(1, 77);
    const restarted = new Play({ restart: () => random.chance(0.0003) }).play(logs).rest(end);
    const told = ({ findings }: Play) => findings.map((finding) => [finding.ts, finding.phase, named(finding), finding.observed]);
    expect(differences(restarted)).toEqual({ only: [], lacking: [] });
    expect(told(restarted)).toEqual(told(whole));
  });
  it.each([4, 16])('not %i shards', (shards) => {
    const spread = new Play({ shards }).play(logs).rest(end);
    expect(differences(spread)).toEqual({ only: [], lacking: [] });
  });
  it('not the order of the fields of a log', () => {
    const turned = logs.map((log) => Object.fromEntries(Object.entries(log).reverse()) as unknown as RequestLog);
    expect(new Play().play(turned).rest(end).findings).toEqual(whole.findings);
  });
  it('not the order within two seconds', () => {
    const random = new Random(3, 77);
    const arrivals = new Map(logs.map((log) => [log.id, log.ts + random.next() * 2 * SECOND]));
    const shaken = [...logs].sort((a, b) => (arrivals.get(a.id) ?? 0) - (arrivals.get(b.id) ?? 0));
    expect(agreement(new Play().arrive(shaken, (log) => arrivals.get(log.id) ?? 0).rest(end))).toBeGreaterThan(0.95);
  });
  it('not a clock that is ahead by a year once, nor one that is behind', () => {
    const at = Math.floor(logs.length / 2);
    const wrong = [-365, 365].map((days) => ({
      ...(logs[at] as RequestLog),
      id: `wrong-${days}`,
      ts: (logs[at]?.ts ?? 0) + days * 24 * HOUR,
    }));
    const jumped = new Play().play([...logs.slice(0, at), ...wrong, ...logs.slice(at)]).rest(end);
    expect(jumped.findings.every(({ score, observed }) => Number.isFinite(score) && Number.isFinite(observed))).toBe(true);
    expect(agreement(jumped)).toBeGreaterThan(0.5);
  });
  it('not a log in twenty that comes twice, where nobody attacks', () => {
    const calm = logs.slice(
      0,
      logs.findIndex(({ ts }) => ts > (logs[0]?.ts ?? 0) + 0.65 * 24 * HOUR),
    );
    const twice = calm.flatMap((log, index) => (index % 20 === 0 ? [log, log] : [log]));
    expect(calm.length).toBeGreaterThan(5_000);
    expect(new Play().play(twice).opened().map(named)).toEqual(new Play().play(calm).opened().map(named));
  });
});
