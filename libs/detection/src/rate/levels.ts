/**
 * Stage two of the level: the service's shard adds up what the pulses of all shards bring to it (level.ts), and tells how it
 * stood at the end of each of the last pulses. The order in which shards speak makes no difference while a pulse is among the
 * last KEPT; what comes later counts for the present bucket, or no more. Told is only where anybody surges.
 */
import { CLOCK_SLACK_SECONDS, WINDOWS } from '../constants.js';
import type { LevelRow, PulseContribution, Stir, Surge } from '../contribution.js';
import { PULSE_SECONDS } from '../crowd/constants.js';
import { EndpointKeys } from '../entities/endpoint-keys.js';
import { after, bucketOf } from './level.js';

/** Pulses that are still added up one by one: a log is judged by the second before it, and shards may lag by a minute. */
const KEPT = 8;

/** One window of one endpoint. */
interface Course {
  /** As it stood before the oldest of `recent`. */
  base: LevelRow;
  /** In order of their seconds: the last of a pulse. */
  recent: [second: number, stir: Stir][];
}

interface Record {
  service: string;
  endpoint: string;
  /** By window. */
  courses: (Course | null)[];
}

export class Levels {
  /** Endpoints that were not taken in, because there are too many. */
  overflowed = 0;
  readonly #keys = new EndpointKeys();
  readonly #records = new Map<string, Record>();
  /** Not told, not stored since they changed. */
  readonly #changed = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  absorb({ service, second, endpoints }: PulseContribution): void {
    for (const { endpoint, stirs } of endpoints) {
      if (!stirs) continue;
      const key = this.#keys.of(service, endpoint);
      const record = this.#recordOf(key, service, endpoint);
      if (!record) continue;
      for (const stir of stirs) add(record.courses, second + PULSE_SECONDS - 1, stir);
      this.#changed.add(key);
      this.#dirty.add(key);
    }
  }

  /** Where anybody is above the usual, and something has changed since the last take. */
  take(): Surge[] {
    if (this.#changed.size === 0) return [];
    const surges: Surge[] = [];
    for (const key of this.#changed) {
      const { service, endpoint, courses } = this.#records.get(key) as Record;
      const levels = levelsOf(courses);
      if (levels.length > 0) surges.push({ service, endpoint, levels });
    }
    this.#changed.clear();
    return surges;
  }

  takeChanges(put: (key: string, state: unknown) => void): void {
    for (const key of this.#dirty) put(key, this.#records.get(key));
    this.#dirty.clear();
  }

  /** @returns whether it could be read */
  load(key: string, state: object): boolean {
    if (!isRecord(state)) return false;
    if (this.#records.size >= this.#capacity) return true;
    this.#records.set(key, state);
    this.#changed.add(key); // Told again: who hears of it may be new, too.
    return true;
  }

  #recordOf(key: string, service: string, endpoint: string): Record | undefined {
    const known = this.#records.get(key);
    if (known) return known;
    if (this.#records.size >= this.#capacity) {
      this.overflowed += 1;
      return undefined;
    }
    const record = { service, endpoint, courses: WINDOWS.map(() => null) };
    this.#records.set(key, record);
    return record;
  }
}

/**
 * What is told of one endpoint, read from what is stored of it.
 * @param state as it was put; of anything else nothing
 */
export const storedLevels = (state: unknown): Surge['levels'] =>
  typeof state === 'object' && state !== null && isRecord(state) ? levelsOf(state.courses) : [];

const levelsOf = (courses: Record['courses']): Surge['levels'] =>
  courses.flatMap((course, window) => {
    if (!course || isQuiet(course)) return [];
    const rows = rowsOf(course);
    return rows.some(({ sum }) => sum > 0) ? [{ windowSeconds: WINDOWS[window]?.seconds ?? 1, rows }] : [];
  });

function isRecord(state: object): state is Record {
  const { courses } = state as Partial<Record>;
  return Array.isArray(courses) && courses.every(isCourse);
}

const isCourse = (course: Course | null) =>
  course === null || (Number.isFinite(course?.base?.second) && Array.isArray(course.recent));

/** Nobody surged before the first pulses that are told one by one. */
const begun = (second: number): Course => ({
  base: { second: second - KEPT * PULSE_SECONDS, actors: 0, sum: 0, most: 0, held: 0 },
  recent: [],
});

function add(courses: Record['courses'], second: number, stir: Stir): void {
  const [window] = stir;
  if (!stir.every(Number.isSafeInteger) || courses[window] === undefined) return;
  let course = courses[window] ?? begun(second);
  const newest = course.recent.at(-1)?.[0] ?? course.base.second;
  // A jump back by more than an hour is a corrected clock.
  if (newest - second > CLOCK_SLACK_SECONDS) course = begun(second);
  courses[window] = course;
  const { base, recent } = course;
  if (second <= base.second) {
    if (bucketOf(window, second) === bucketOf(window, base.second)) course.base = after(base, base.second, stir);
    return;
  }
  enter(recent, second, stir);
  const oldest = (recent.at(-1)?.[0] ?? second) - KEPT * PULSE_SECONDS;
  for (let first = recent[0]; first && first[0] <= oldest; first = recent[0]) {
    course.base = after(course.base, ...first);
    recent.shift();
  }
}

/** In its place by time; what is of the same pulse is added up. */
function enter(recent: Course['recent'], second: number, [window, actors, sum, most]: Stir): void {
  let at = recent.length;
  while (at > 0 && (recent[at - 1]?.[0] ?? 0) > second) at -= 1;
  const same = recent[at - 1];
  if (same?.[0] !== second) recent.splice(at, 0, [second, [window, actors, sum, most]]);
  else same[1] = [window, same[1][1] + actors, same[1][2] + sum, Math.max(same[1][3], most)];
}

/** Nobody surges, nor did: no row would say more. */
const isQuiet = ({ base, recent }: Course) => base.sum === 0 && recent.every(([, [, , sum]]) => sum === 0);

function rowsOf({ base, recent }: Course): LevelRow[] {
  const rows = [base];
  for (const [second, stir] of recent) rows.push(after(rows.at(-1) ?? base, second, stir));
  return rows;
}
