/** A track as it is stored. Version 1. */
import type { Source } from '../entities/sources.js';
import { MAX_GUARDS, MAX_STEPS } from './constants.js';
import { type Awaited, type Step, Track } from './track.js';

const VERSION = 1;
const FIELDS = [
  'print',
  'order',
  'second',
  'orderBefore',
  'tried',
  'path',
  'requests',
  'row',
  'cycle',
  'rowBest',
  'cycleBest',
  'day',
  'samples',
  'lacking',
  'complete',
  'skips',
  'skipsSince',
] as const satisfies readonly (keyof Step)[];

interface Stored {
  v: number;
  /** since, last, order, recent. */
  n: number[];
  /** FIELDS of each step, whether it is tainted, and what was told of it. */
  s: number[][];
  /** What is withheld, by the step's place. */
  w?: Record<number, number[]>;
  /** What is about to be told, likewise. */
  a?: Record<number, Awaited>;
}

export function storedTrack({ since, last, order, recent, steps }: Track): Stored {
  const withheld: Record<number, number[]> = {};
  const awaited: Record<number, Awaited> = {};
  steps.forEach((step, index) => {
    if (step.withheld) withheld[index] = step.withheld;
    if (step.awaited) awaited[index] = step.awaited;
  });
  return {
    v: VERSION,
    n: [since, last, order, recent],
    s: steps.map((step) => [...FIELDS.map((field) => step[field]), step.tainted ? 1 : 0, step.told]),
    ...(Object.keys(withheld).length > 0 ? { w: withheld } : {}),
    ...(Object.keys(awaited).length > 0 ? { a: awaited } : {}),
  };
}

/** Throws where it cannot be read. */
export function readTrack(source: Source, state: unknown): Track {
  const stored = state as Partial<Stored> | null;
  if (stored?.v !== VERSION || !Array.isArray(stored.n) || !Array.isArray(stored.s))
    throw new TypeError('a track of another version');
  const [since = 0, last = 0, order = 0, recent = 0] = stored.n.map(Number);
  const track = new Track(source, since, last);
  track.order = order;
  track.recent = recent;
  stored.s.slice(0, MAX_STEPS).forEach((values, index) => {
    const step = track.add(0);
    FIELDS.forEach((field, place) => {
      step[field] = Number(values[place] ?? 0);
    });
    step.tainted = values[FIELDS.length] === 1;
    step.told = Number(values[FIELDS.length + 1] ?? 0);
    step.withheld = stored.w?.[index]?.slice(0, MAX_STEPS + MAX_GUARDS).map(Number);
    step.awaited = stored.a?.[index];
  });
  return track;
}
