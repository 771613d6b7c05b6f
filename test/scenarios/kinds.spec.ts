/**
 * What must hold for every kind alike, on a day of the simulator with all attacks in it: numbers are numbers, a restart
 * at any point changes nothing, and neither does the number of shards nor the order within two seconds.
 */
import { alertKinds, type RequestLog } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';
import { describe, expect, it, vi } from 'vitest';
import { Random } from '../traffic/random.js';
import { Simulation } from '../traffic/simulation.js';
import { Play } from './play.js';
import { HOUR, SECOND } from './traffic.js';

// Tens of thousands of logs each: a second or two alone, more beside other work.
vi.setConfig({ testTimeout: 120_000 });

const simulation = new Simulation({ seed: 11, users: 12, days: 0.8, calmDays: 0.3, rhythm: 'global' });
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
const NONE = { only: [], lacking: [] };

describe('every kind', () => {
  it('is found on this day', () => {
    const kinds = new Set(whole.opened().map(({ kind }) => kind));
    expect(alertKinds.filter((kind) => !kinds.has(kind))).toEqual([]);
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

describe('nothing changes what is found', () => {
  it.each([1, 2])('not restarts at any points, %i', (seed) => {
    const random = new Random(seed, 77);
    const restarted = new Play({ restart: () => random.chance(0.0005) }).play(logs).rest(end);
    expect(differences(restarted)).toEqual(NONE);
    const told = ({ findings }: Play) =>
      findings.map(({ ts, phase, observed, ...rest }) => [ts, phase, named({ ts, phase, observed, ...rest }), observed]);
    expect(told(restarted)).toEqual(told(whole));
  });
  it.each([4, 16])('not %i shards', (shards) => {
    expect(differences(new Play({ shards }).play(logs).rest(end))).toEqual(NONE);
  });
  it('not the order of the fields of a log', () => {
    const turned = logs.map((log) => Object.fromEntries(Object.entries(log).reverse()) as unknown as RequestLog);
    expect(new Play().play(turned).rest(end).findings).toEqual(whole.findings);
  });
  it('not the order within two seconds', () => {
    const random = new Random(3, 77);
    const arrivals = new Map(logs.map((log) => [log.id, log.ts + random.next() * 2 * SECOND]));
    const shaken = [...logs].sort((a, b) => (arrivals.get(a.id) ?? 0) - (arrivals.get(b.id) ?? 0));
    expect(differences(new Play().arrive(shaken, (log) => arrivals.get(log.id) ?? 0).rest(end))).toEqual(NONE);
  });
});
