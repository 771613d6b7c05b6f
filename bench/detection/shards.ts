/**
 * The same alerts whatever the installation: one, four or sixteen shards, logs that arrive up to two seconds late, logs that a
 * spool brings an hour later, models restored from what was stored. On days of the simulator with every attack in them: two
 * services, three rhythms.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';
import { Play, type PlayOptions } from '../../test/scenarios/play.js';
import { HOUR, MINUTE, type Rhythm } from '../../test/traffic/parameters.js';
import { Random } from '../../test/traffic/random.js';
import type { ServiceName } from '../../test/traffic/services.js';
import { Simulation } from '../../test/traffic/simulation.js';
import { figure } from '../report.js';
import type { Part } from './part.js';

const NEAR_MS = 5_000;
const SHAKEN_MS = 2_000;
const REST_MS = 3 * HOUR;
/** Share of the logs that a spool keeps back, and for how long: beyond a quarter of an hour a log is late. */
const SPOOLED = 0.02;
const SPOOL_MS = [16 * MINUTE, 2 * HOUR] as const;

const DAYS: readonly { seed: number; rhythm: Rhythm; service: ServiceName }[] = [
  { seed: 401, rhythm: 'global', service: 'shop' },
  { seed: 402, rhythm: 'office', service: 'suite' },
  { seed: 403, rhythm: 'consumer', service: 'shop' },
  { seed: 404, rhythm: 'global', service: 'suite' },
  { seed: 405, rhythm: 'office', service: 'shop' },
  { seed: 406, rhythm: 'consumer', service: 'suite' },
];

const named = ({ kind, subject }: Finding) => `${kind} ${subject.type} ${subject.id}`;
const told = (finding: Finding) =>
  `${named(finding)} at ${new Date(finding.ts).toISOString().slice(5, 19)}, ${finding.observed.toFixed(1)} of ${finding.limit.toFixed(1)} in ${finding.windowSeconds} s`;

interface Difference {
  alerts: number;
  /** Alerts of either that have no like (kind and subject, within 5 s) in the other. */
  differ: string[];
}

export function difference(some: readonly Finding[], others: readonly Finding[]): Difference {
  const left = [...others];
  const differ: string[] = [];
  for (const finding of some) {
    const at = left.findIndex((other) => named(other) === named(finding) && Math.abs(other.ts - finding.ts) <= NEAR_MS);
    if (at >= 0) left.splice(at, 1);
    else differ.push(`- ${told(finding)}`);
  }
  differ.push(...left.map((finding) => `+ ${told(finding)}`));
  return { alerts: some.length + others.length, differ };
}

/** Logs in the order in which they come, each with its time. */
interface Delivery {
  logs: readonly RequestLog[];
  arrival: (log: RequestLog) => number;
}

function delivered(logs: readonly RequestLog[], delay: () => number): Delivery {
  const arrivals = new Map(logs.map((log) => [log, log.ts + delay()]));
  const arrival = (log: RequestLog) => arrivals.get(log) ?? log.ts;
  return { logs: [...logs].sort((a, b) => arrival(a) - arrival(b)), arrival };
}

/** A few logs come from a spool, in their order and marked as the receiver marks them; the others with `delay`. */
function spooled(logs: readonly RequestLog[], seed: number, delay: () => number): Delivery {
  const random = new Random(seed, 2);
  const delays = new Map<RequestLog, number>();
  const marked = logs.map((log): RequestLog => {
    const late = random.chance(SPOOLED);
    const ms = late ? random.between(...SPOOL_MS) : 0;
    const one: RequestLog = late ? { ...log, timing: 'late' } : log;
    delays.set(one, late ? ms : delay());
    return one;
  });
  const arrivals = new Map(marked.map((log) => [log, log.ts + (delays.get(log) ?? 0)]));
  const arrival = (log: RequestLog) => arrivals.get(log) ?? log.ts;
  return { logs: marked.sort((a, b) => arrival(a) - arrival(b)), arrival };
}

type Ways = [way: string, openings: () => Finding[], others: () => Finding[]][];

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function waysOf(logs: readonly RequestLog[], seed: number, service: ServiceName): Ways {
  const end = (logs.at(-1)?.ts ?? 0) + REST_MS;
  const played = ({ logs: some, arrival }: Delivery, options: PlayOptions = {}) =>
    new Play({ service, ...options }).arrive(some, arrival).rest(end).opened();
  const random = new Random(seed, 1);
  const shake = () => SHAKEN_MS * random.next();
  const plain = delivered(logs, () => 0);
  const shaken = delivered(logs, shake);
  const late = spooled(logs, seed, () => 0);
  const lateShaken = spooled(logs, seed, shake);
  const whole = once(() => played(plain));
  const wholeLate = once(() => played(late));
  return [
    ['4 shards', whole, () => played(plain, { shards: 4 })],
    ['16 shards', whole, () => played(plain, { shards: 16 })],
    ['logs reordered inside 2 s', whole, () => played(shaken)],
    ['logs reordered inside 2 s over 16 shards', whole, () => played(shaken, { shards: 16 })],
    ['late logs, reordered, 16 shards', wholeLate, () => played(lateShaken, { shards: 16 })],
    ['a restart of all models each hour', whole, () => played(plain, { restart: (batch) => batch % 3600 === 0 })],
  ];
}

export function shardsPart(quick: boolean): Part {
  const sums = new Map<string, Difference>();
  for (const { seed, rhythm, service } of quick ? DAYS.slice(0, 3) : DAYS) {
    const simulation = new Simulation({ seed, users: quick ? 20 : 100, days: 1.5, calmDays: 0.75, rhythm, service });
    const logs = [...simulation.chunks()].flat().map(({ log }) => log);
    for (const [way, openings, others] of waysOf(logs, seed, service)) {
      const { alerts, differ } = difference(openings(), others());
      const sum = sums.get(way) ?? { alerts: 0, differ: [] };
      sums.set(way, { alerts: sum.alerts + alerts, differ: [...sum.differ, ...differ.map((one) => `${seed}: ${one}`)] });
    }
  }
  const outcomes = [...sums].map(([way, { alerts, differ }]) => ({ way, alerts, differ, share: 1 - differ.length / alerts }));
  for (const { way, share, alerts, differ } of outcomes)
    console.log([`${way}: ${(100 * share).toFixed(2)} % of ${alerts} the same`, ...differ].join('\n  '));
  const figures = outcomes.map(({ way, share, alerts }) =>
    figure(`the same alerts with ${way}`, share, `share of ${Math.round(alerts / 2)}`, 1, 'higher'),
  );
  return { figures, tables: { shards: outcomes } };
}
