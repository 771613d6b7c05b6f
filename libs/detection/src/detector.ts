/**
 * What watches one source's requests (stage one) beside their rate: one detector a way of looking, each with a state of its
 * own for each source, which lives as long as the source. Judge before learn: `judge` changes nothing.
 */
import type { VerdictReport } from '@plimsoll/contracts';
import type { Occasion } from './accuser.js';
import type { Contribution, MeasureStatistic, Population } from './contribution.js';
import type { Source } from './entities/sources.js';
import type { Excess } from './excess.js';
import type { Rules, Tuning } from './rules.js';
import type { Seen, Visit } from './visit.js';

/** What is told by the clock, some time after its log. */
export interface Late {
  excess: Excess;
  occasion: Occasion;
  tuning: Tuning;
}

export interface Detector {
  /** One letter that no other part of the stored state has: before the keys of what it stores. */
  readonly part: string;
  /** Reads the records of visits to come, so that their waits for memory overlap. Changes nothing. */
  read?(visits: readonly Visit[]): void;
  /** What is over its limit with this log, or nothing. `rules` for what is said of endpoints, `tuning` for this log. */
  judge(visit: Visit, rules: Rules, tuning: Tuning): Excess | undefined;
  /** Counts the log. `charged`: something was over its limit, of whatever kind, or a bouncer refused the request. */
  learn(seen: Seen, rules: Rules, charged: boolean): void;
  /** What is to go to other shards since the last take. */
  takeContributions?(): Contribution[];
  /** What is known of everyone on an endpoint has changed. `fresh`: measures that were not known before. */
  setPopulation?(population: Population, fresh: readonly MeasureStatistic[]): void;
  /** Event time in seconds, each few seconds: what is over by the clock alone. */
  settle?(second: number): void;
  /** What waited for the clock and is to be told now, each once. */
  due?(second: number): readonly Late[];
  /** A person's verdict about one of its kinds. `source` is absent where it is not held any more. */
  heed?(verdict: VerdictReport, source: Source | undefined): void;
  /** The source is gone, and so is what was known of it. */
  forget(source: Source): void;
  /** Changed states since the last take, of a source or under a name; `put` takes bytes, or what JSON can hold. */
  takeChanges(put: (whose: Source | string, state: unknown) => void): void;
  /** Takes a stored state over. Throws where it cannot be read. */
  load(source: Source, state: unknown): void;
  /** Likewise what was stored under a name. */
  loadNamed?(name: string, state: unknown): void;
}
