import { settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { makeFinding, makeLog, NOW } from '../../../../test/setup/findings.js';
import type { Finding } from '../finding.js';
import { Openings } from './openings.js';
import { Replay } from './replay.js';

const DAY = 86_400_000;
const about = (id: string, fields: Partial<Finding> = {}) => makeFinding({ subject: { type: 'actor', id }, ...fields });

describe('the alert budget of a replay', () => {
  const stretchOf = (openings: Openings, now = NOW, service = 'shop') =>
    openings.stretches(now, 2).find(([name]) => name === service)?.[1] ?? 1;

  it('counts each alert once, of low and medium severity, live, for a day', () => {
    const openings = new Openings();
    for (const id of ['a', 'b', 'c', 'c', 'c']) openings.take(about(id));
    expect(stretchOf(openings)).toBe(1.5);
    openings.take(about('d', { severity: 'high' }));
    openings.take(about('e', { historical: true }));
    openings.take(about('f', { phase: 'ended' }));
    openings.take(about('g', { service: 'bank' }));
    expect([stretchOf(openings), stretchOf(openings, NOW, 'bank')]).toEqual([1.5, 1]);
    openings.take(about('d', { severity: 'low', ts: NOW + 1 }));
    expect(stretchOf(openings)).toBe(1.5);
    openings.take(about('h', { ts: NOW + 1000 }));
    expect(stretchOf(openings)).toBe(2);
    expect([stretchOf(openings, NOW + DAY - 1), stretchOf(openings, NOW + DAY), stretchOf(openings, NOW + 2 * DAY)]).toEqual([
      2, 1, 1,
    ]);
  });

  it('counts no longer what has grown worse, once', () => {
    const openings = new Openings();
    for (const id of ['a', 'b', 'c', 'd']) openings.take(about(id));
    for (const severity of ['high', 'critical', 'high'] as const) openings.take(about('a', { severity, phase: 'updated' }));
    expect(stretchOf(openings)).toBe(1.5);
    expect([stretchOf(openings, NOW + DAY), openings.stretches(NOW + DAY, 2)]).toEqual([1, [['shop', 1]]]);
  });

  it('lets limits follow: of many alike the later ones go by', () => {
    const alerts = (alertBudget: number) => {
      const seen = new Set<string>();
      const replay = new Replay(settingsSchema.parse({ alertBudget }), ({ subject }) => seen.add(subject.id));
      for (let n = 0; n < 40; n += 1) {
        for (let k = 0; k < 18; k += 1) {
          const miss = { id: `${n}-${k}`, ts: NOW + n * 90_000 + k * 500, path: `/old-${k}/page`, status: 404 };
          replay.take('shop', makeLog({ ...miss, ip: `192.0.2.${n}` }));
        }
      }
      replay.finish();
      return seen.size;
    };
    const [all, some] = [alerts(0), alerts(5)];
    expect(all).toBe(40);
    expect(some).toBeLessThan(all / 2);
    expect(some).toBeGreaterThanOrEqual(5);
  });
});
