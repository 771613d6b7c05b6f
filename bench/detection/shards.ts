/**
 * The same alerts whatever the installation: one, four or sixteen shards, and logs that arrive up to two seconds late. On a
 * day of the simulator with every attack in it.
 */
import type { Finding } from '@plimsoll/detection';
import { Play } from '../../test/scenarios/play.js';
import { Random } from '../../test/traffic/random.js';
import { Simulation } from '../../test/traffic/simulation.js';
import { figure } from '../report.js';
import type { Part } from './part.js';

const NEAR_MS = 5_000;
const LATE_MS = 2_000;
const REST_MS = 3 * 3_600_000;

const named = ({ kind, subject }: Finding) => `${kind} ${subject.type} ${subject.id}`;

/** Alerts of both that have their like (kind and subject, within 5 s) in the other, as a share of all. */
function agreement(some: readonly Finding[], others: readonly Finding[]): { share: number; differ: string[] } {
  const left = [...others];
  const differ: string[] = [];
  for (const finding of some) {
    const at = left.findIndex((other) => named(other) === named(finding) && Math.abs(other.ts - finding.ts) <= NEAR_MS);
    if (at >= 0) left.splice(at, 1);
    else differ.push(named(finding));
  }
  differ.push(...left.map(named));
  return { share: 1 - differ.length / Math.max(1, some.length + others.length), differ };
}

export function shardsPart(quick: boolean): Part {
  const simulation = new Simulation({ seed: 401, users: quick ? 20 : 100, days: 1.5, calmDays: 0.75, rhythm: 'global' });
  const logs = [...simulation.chunks()].flat().map(({ log }) => log);
  const end = (logs.at(-1)?.ts ?? 0) + REST_MS;
  const whole = new Play().play(logs).rest(end).opened();
  const random = new Random(401, 1);
  const arrivals = new Map(logs.map(({ id, ts }) => [id, ts + LATE_MS * random.next()]));
  const arrival = ({ id }: { id: string }) => arrivals.get(id) ?? 0;
  const shaken = [...logs].sort((a, b) => arrival(a) - arrival(b));
  const ways = [
    ['4 shards', () => new Play({ shards: 4 }).play(logs)],
    ['16 shards', () => new Play({ shards: 16 }).play(logs)],
    ['logs reordered inside 2 s', () => new Play().arrive(shaken, arrival)],
    ['a restart of all models each hour', () => new Play({ restart: (batch) => batch % 3600 === 0 }).play(logs)],
  ] as const;
  const outcomes = ways.map(([way, play]) => ({ way, ...agreement(whole, play().rest(end).opened()) }));
  for (const { way, share, differ } of outcomes)
    console.log(`${way}: ${(100 * share).toFixed(1)} % the same; ${differ.join(', ') || 'all'}`);
  const figures = outcomes.map(({ way, share }) =>
    figure(`the same alerts with ${way}`, share, `share of ${whole.length}`, 1, 'higher'),
  );
  return { figures, tables: { shards: outcomes } };
}
