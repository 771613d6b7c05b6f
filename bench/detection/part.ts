/** One part of `bench:detection`: what it measured against the bars, and its tables. */
import type { Rhythm } from '../../test/traffic/parameters.js';
import type { Figure } from '../report.js';

export interface Part {
  figures: Figure[];
  /** By name, for bench/tables. */
  tables: Record<string, unknown>;
}

/** `quick`: small, for development; nothing is kept. */
export type MeasurePart = (quick: boolean) => Part | Promise<Part>;

export const RHYTHMS: readonly Rhythm[] = ['office', 'consumer', 'global'];

export const sizeFor = (quick: boolean) =>
  quick ? { users: 150, days: 2.5, calmDays: 1 } : { users: 500, days: 4, calmDays: 2 };
