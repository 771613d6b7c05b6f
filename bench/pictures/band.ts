/** The first picture: what the model expects of one actor, where its limit lies, and an attack that crosses it. */
import { Random } from '../../test/traffic/random.js';
import { SETTINGS } from '../detection/product.js';
import { HOUR, MINUTE, onStage } from './stage.js';
import type { Chart, Point } from './svg.js';

const DAYS = 3;
const ATTACK = { at: 2 * 24 * HOUR + 14 * HOUR, minutes: 8, perMinute: 120 };
const SLOT = 10 * MINUTE;
/** So strict that the limit is told all the time; its distance from the expectation is in proportion to it. */
const STRICT = 0.1;
const WINDOW_S = 60;

/** A person at work: sittings between 8 and 18, a few requests a minute in them, and the attack. */
function times(): number[] {
  const random = new Random(601, 1);
  const all: number[] = [];
  for (let day = 0; day < DAYS; day += 1)
    for (let at = (day * 24 + 8) * HOUR; at < (day * 24 + 18) * HOUR; at += random.exponential(25 * MINUTE)) {
      const over = at + random.between(4, 20) * MINUTE;
      for (; at < over; at += random.exponential(9_000 / random.lognormal(1, 0.3))) all.push(at);
    }
  for (let index = 0; index < ATTACK.minutes * ATTACK.perMinute; index += 1)
    all.push(ATTACK.at + (index * MINUTE) / ATTACK.perMinute);
  return all.sort((a, b) => a - b);
}

export function bandChart(): Chart {
  const observed = new Map<number, number>();
  const expected = new Map<number, number>();
  const limit = new Map<number, number>();
  const flagged: Point[] = [];
  const recent: number[] = [];
  onStage(DAYS, times(), ({ ts, assessment, under }) => {
    recent.push(ts);
    while ((recent[0] ?? ts) <= ts - WINDOW_S * 1000) recent.shift();
    const slot = Math.floor(ts / SLOT) * SLOT;
    observed.set(slot, Math.max(observed.get(slot) ?? 0, recent.length));
    const strict = under({ ...SETTINGS, sensitivity: STRICT }).findings.find(
      ({ kind, windowSeconds }) => kind === 'rate' && windowSeconds === WINDOW_S,
    );
    if (strict) {
      expected.set(slot, strict.expected);
      limit.set(slot, strict.expected + ((strict.limit - strict.expected) * SETTINGS.sensitivity) / STRICT);
    }
    if (assessment.findings.some(({ kind, phase }) => kind === 'rate' && phase === 'opened'))
      flagged.push([hours(ts), recent.length]);
  });
  const points = (map: Map<number, number>): Point[] => [...map].map(([slot, value]) => [hours(slot), value]);
  // Room for the names of the marks.
  const most = 1.3 * Math.max(...observed.values(), ...limit.values());
  return {
    title: 'One actor on one endpoint: what is expected, the limit, an attack',
    x: { label: 'hours since it was first seen', low: 0, high: DAYS * 24, ticks: [0, 12, 24, 36, 48, 60, 72] },
    y: { label: 'requests a minute, peak of ten minutes', low: 0, high: STEP * Math.ceil(most / STEP), ticks: steps(most) },
    marks: [
      { type: 'band', lower: points(expected), upper: points(limit), tone: 'own', label: 'from the expectation to the limit' },
      { type: 'line', points: withGaps(points(observed)), tone: 'quiet', label: 'observed' },
      { type: 'dots', points: flagged, tone: 'alarm', label: 'alert' },
    ],
  };
}

const hours = (ts: number) => ts / HOUR;
const STEP = 20;
const steps = (most: number) => Array.from({ length: Math.ceil(most / STEP) + 1 }, (_, index) => STEP * index);

/** Nothing was asked for between sittings. */
function withGaps(points: readonly Point[]): Point[] {
  const gap = (2 * SLOT) / HOUR;
  return points.flatMap(([x, y], index): Point[] => {
    const before = points[index - 1]?.[0] ?? x;
    const after = points[index + 1]?.[0] ?? x;
    return [
      ...(x - before > gap ? [[x - gap / 4, 0] as Point] : []),
      [x, y],
      ...(after - x > gap ? [[x + gap / 4, 0] as Point] : []),
    ];
  });
}
