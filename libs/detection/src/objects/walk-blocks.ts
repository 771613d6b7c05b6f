/**
 * Hours and days of the walks: opens them, closes them when they are over, and keeps what they teach the source and
 * everyone. What was over a limit teaches neither, but is remembered as told; what would have been, had enough been known
 * of others to judge it, teaches the source alone.
 */
import type { Source } from '../entities/sources.js';
import { ownWeight } from '../statistics/baseline.js';
import { Closer } from './closer.js';
import { LEARN_MOST, MEASURES, type Measure } from './constants.js';
import type { NormLedger } from './norms.js';
import { BLOCK_SECONDS, type Block, FLAGGED, HELD, MEASURES_OF, type Steps } from './steps.js';
import type { Trails } from './trails.js';
import { groupOf, isFirst, type Standpoint, type WalkLimits } from './walk-limits.js';
import { CHARGED, ENDPOINT, measureAt, PEAK, SOURCE, TOLD, type Walks, WORDS } from './walks.js';

/** What is learnt must not depend on whose settings hold. */
const PLAIN = 1.5;
const BLOCKS: readonly Block[] = ['hour', 'day'];

export interface BlockParts {
  walks: Walks;
  steps: Steps;
  limits: WalkLimits;
  trails: Trails;
  ledger: NormLedger;
  sourceAt: (index: number) => Source | undefined;
  isNewcomer: (source: Source, second: number) => boolean;
  /** A block of the source was closed, perhaps by the clock alone: it is to be stored, or it would be closed twice after a restart. */
  changed: (source: Source) => void;
}

export class WalkBlocks {
  readonly #parts: BlockParts;
  readonly #live = new Closer();
  readonly #past = new Closer();

  constructor(parts: BlockParts) {
    this.#parts = parts;
  }

  /** Moves the walk to the position, closing and opening what that means. */
  enter(slot: number, position: number, past: boolean): void {
    const { steps } = this.#parts;
    for (const block of BLOCKS) {
      const number = Math.floor(position / BLOCK_SECONDS[block]);
      if (steps.isOpen(slot, block) && steps.blockOf(slot, block) !== number) this.#close(slot, block);
    }
    steps.moveTo(slot, position);
    for (const block of BLOCKS) {
      if (steps.isOpen(slot, block)) continue;
      steps.open(slot, block);
      this.await(slot, block, past);
    }
  }

  /** The open block is to be closed by the clock. */
  await(slot: number, block: Block, past: boolean): void {
    (past ? this.#past : this.#live).add(slot, block, this.#parts.steps.blockOf(slot, block));
  }

  /** Something was over a limit here, of whatever kind, or a bouncer refused the request. */
  taint(slot: number, held: boolean): void {
    const bits = held ? HELD : FLAGGED;
    this.#parts.steps.mark(slot, bits.hour | bits.day);
  }

  turn(second: number, past: boolean): void {
    (past ? this.#past : this.#live).turn(second, (slot, block, number) => {
      const { steps, walks } = this.#parts;
      if (!this.#parts.sourceAt(walks.words[slot * WORDS + SOURCE] ?? 0)) return;
      if (steps.isOpen(slot, block) && steps.blockOf(slot, block) === number) this.#close(slot, block);
    });
  }

  #close(slot: number, block: Block): void {
    const { walks, steps, trails, sourceAt } = this.#parts;
    const at = slot * WORDS;
    const end = (steps.blockOf(slot, block) + 1) * BLOCK_SECONDS[block];
    const { flagged, held } = steps.close(slot, block);
    const peaks = MEASURES_OF[block].map((measure) => walks.floats[at + measureAt(measure) + PEAK] ?? 0);
    for (const measure of MEASURES_OF[block]) walks.floats[at + measureAt(measure) + PEAK] = 0;
    const trail = trails.at(walks.words[at + ENDPOINT] ?? 0);
    const source = sourceAt(walks.words[at + SOURCE] ?? 0);
    if (source) this.#parts.changed(source);
    if (held || !trail || !source) return;
    const newcomer = this.#parts.isNewcomer(source, end);
    const standpoint = { source, endpoint: trail.everyone, position: end - 1, newcomer, sensitivity: PLAIN };
    const learnt = MEASURES_OF[block].map((measure, index) => this.#teach(slot, measure, peaks[index] ?? 0, standpoint, flagged));
    if (flagged) this.#remember(slot, block, peaks);
    else steps.learn(slot, block, learnt, end);
  }

  /** What a measure's peak tells everyone; what the source itself is to learn. */
  #teach(slot: number, measure: number, peak: number, standpoint: Standpoint, flagged: boolean): number {
    const { limits, steps, trails, ledger, walks } = this.#parts;
    const { source, position } = standpoint;
    const { floor } = MEASURES[measure] as Measure;
    const own = steps.sums(slot, measure, position);
    const first = isFirst(own.blocks);
    const unusual = peak > floor[0] ? limits.yardstick(slot, measure, standpoint) : undefined;
    const beyond = unusual !== undefined && peak > unusual.limit;
    const { service, name } = trails.at(walks.words[slot * WORDS + ENDPOINT] ?? 0) ?? {};
    if (service === undefined || name === undefined) return peak;
    const weight = first ? 1 : 1 - ownWeight(own.blocks);
    const most = unusual ? Math.max(floor[0], LEARN_MOST * unusual.everyone.mean) : peak;
    if (!flagged || beyond) {
      const told = beyond ? peak : Math.min(peak, most);
      const group = groupOf(measure, source.type, first);
      ledger.add(service, name, position, group, beyond, [weight, weight * told, weight * told * told]);
    }
    if (!unusual || first || !limits.isSettled(measure, standpoint)) return peak;
    return Math.min(peak, Math.max(floor[0], LEARN_MOST * unusual.own.mean));
  }

  #remember(slot: number, block: Block, peaks: readonly number[]): void {
    const { walks } = this.#parts;
    MEASURES_OF[block].forEach((measure, index) => {
      const word = slot * WORDS + measureAt(measure) + TOLD;
      walks.floats[word] = Math.max(walks.floats[word] ?? 0, peaks[index] ?? 0);
    });
  }
}

/** The second when a walk was over a limit last. */
export function noteCharge(walks: Walks, slot: number, second: number): void {
  walks.words[slot * WORDS + CHARGED] = second;
}
