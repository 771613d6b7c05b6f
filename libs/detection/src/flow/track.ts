/** The steps (changes that worked) of one account: how often, in which order, and what was counted of them. */
import type { Source } from '../entities/sources.js';
import type { Kept } from '../identity/keeper.js';
import { CYCLE_SECONDS, MAX_STEPS, REPEAT_PAUSE_SECONDS, SAMPLES_A_DAY, WINDOW_SECONDS } from './constants.js';

const DAY = 86_400;

/** A first cycle without a step, about to be told. */
export interface Awaited {
  second: number;
  ts: number;
  logId: string;
  address: string;
  /** Fingerprint of the step that it lacks. */
  missing: number;
  samples: number;
  /** No decision is to follow. */
  monitor: boolean;
}

export interface Step {
  /** Fingerprint of the endpoint's name. */
  print: number;
  /** Place in the account's order of steps, and second, when it was done last. */
  order: number;
  second: number;
  /** Its place the time before. */
  orderBefore: number;
  /** Its place when it was tried last, refused or not. */
  tried: number;
  /** Fingerprint of its path. */
  path: number;
  /** Requests of the account when it was done last. */
  requests: number;
  /** Repetitions with nothing in between, and with no other step in between; the greatest ever that were ordinary. */
  row: number;
  cycle: number;
  rowBest: number;
  cycleBest: number;
  /** Something was flagged in this run: it teaches nothing. */
  tainted: boolean;
  /** Samples given today, and those of them that lacked what is usual. */
  day: number;
  samples: number;
  lacking: number;
  /** Complete cycles. */
  complete: number;
  /** Cycles without a step, since when. */
  skips: number;
  skipsSince: number;
  /** The one that everyone may hear of when it turned out to be harmless. */
  withheld: number[] | undefined;
  awaited: Awaited | undefined;
  /** What the last cycle that was told as a first one lacked; 0 where none was. */
  told: number;
}

export class Track implements Kept {
  at = -1;
  dirty = false;
  order = 0;
  /** The last step. */
  recent = 0;
  readonly steps: Step[] = [];

  constructor(
    readonly source: Source,
    readonly since: number,
    public last: number = since,
  ) {}

  find(print: number): Step | undefined {
    for (const step of this.steps) if (step.print === print) return step;
    return undefined;
  }

  add(print: number): Step {
    if (this.steps.length >= MAX_STEPS) this.steps.splice(this.#oldest(), 1);
    const step: Step = {
      print,
      order: 0,
      second: 0,
      orderBefore: 0,
      tried: 0,
      path: 0,
      requests: -1,
      row: 0,
      cycle: 0,
      rowBest: 0,
      cycleBest: 0,
      tainted: false,
      day: 0,
      samples: 0,
      lacking: 0,
      complete: 0,
      skips: 0,
      skipsSince: 0,
      withheld: undefined,
      awaited: undefined,
      told: 0,
    };
    this.steps.push(step);
    return step;
  }

  /** Steps that were tried in the present cycle: since `step` was done last. */
  passed(step: Step | undefined, second: number): number[] {
    const from = step?.order ?? 0;
    return this.steps.flatMap((one) =>
      one !== step && one.tried > from && second - one.second <= CYCLE_SECONDS ? [one.print] : [],
    );
  }

  /**
   * Whether a step was done in the present cycle of another, or once more than it was needed in the one before: who buys
   * in two windows at once does each step twice.
   * @param tried whether it is enough that it was tried
   */
  hasPassed(print: number, step: Step | undefined, second: number, tried: boolean): boolean {
    const one = this.find(print);
    if (one === undefined || second - one.second > CYCLE_SECONDS) return false;
    if ((tried ? one.tried : one.order) > (step?.order ?? 0)) return true;
    return step !== undefined && step.orderBefore > 0 && one.orderBefore > step.orderBefore;
  }

  #oldest(): number {
    let oldest = 0;
    for (let index = 1; index < this.steps.length; index += 1)
      if ((this.steps[index]?.tried ?? 0) < (this.steps[oldest]?.tried ?? 0)) oldest = index;
    return oldest;
  }
}

/** Weight of a sample given now, 0 where there were enough today. */
export function sampleWeight(step: Step, second: number, lacks = false): number {
  const today = Math.floor(second / DAY) === step.day;
  const given = today ? (lacks ? step.lacking : step.samples) : 0;
  return given >= SAMPLES_A_DAY ? 0 : 1 / (1 + given) ** 2;
}

export function countSample(step: Step, second: number, lacks: boolean): void {
  const day = Math.floor(second / DAY);
  if (day !== step.day) Object.assign(step, { day, samples: 0, lacking: 0 });
  if (lacks) step.lacking += 1;
  else step.samples += 1;
}

export interface Repeats {
  row: number;
  cycle: number;
}

/**
 * Repetitions when the step is done again.
 * @param requests of the account before this one
 */
export function repeatsWith(track: Track, step: Step | undefined, path: number, requests: number, second: number): Repeats {
  if (!step || step.path !== path || second - step.second > REPEAT_PAUSE_SECONDS) return { row: 0, cycle: 0 };
  return {
    row: step.requests === requests ? step.row + 1 : 0,
    cycle: track.recent === step.print ? step.cycle + 1 : 0,
  };
}

/** Skips in the window, before this one. */
export const skipsAt = (step: Step | undefined, second: number) =>
  step && second - step.skipsSince <= WINDOW_SECONDS ? step.skips : 0;
