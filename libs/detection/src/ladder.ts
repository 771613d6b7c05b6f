/**
 * The ladder's arithmetic: which step follows for a subject, from what it got before and how it went on. Numbers in, a step
 * out; the rules themselves are settings (contracts/ladder.ts), the constants stand in constants.ts with their reasons.
 */
import type { PolicyMode, Step, StepAction } from '@plimsoll/contracts';
import { DEFIANT_LEAST, DEFIANT_SHARE, LEAST_ROOM, REPEAT_LEAST_MS, REPEAT_TIMES } from './constants.js';

/** Position of an action on the ladder, mildest first. */
const ORDER: Record<StepAction, number> = { monitor: 0, throttle: 1, block: 2 };
/** Positive where `a` is harder than `b`, or as hard and longer. */
export const compareSteps = (a: Step, b: Step): number => ORDER[a.action] - ORDER[b.action] || a.seconds - b.seconds;
const harder = (a: Step, b: Step): Step => (compareSteps(a, b) >= 0 ? a : b);

export interface Ended {
  step: Step;
  endedMsAgo: number;
}

export interface Climb {
  /** The step in force on this subject and endpoint, how long it has been, and the requests seen since. */
  held?: { step: Step; forMs: number; requests: number; refused: number } | undefined;
  /** The farthest step of the same subject that has ended, was not undone and is remembered, and how long ago. */
  earlier?: Ended | undefined;
  /** A behaviour begins; false where one goes on that was there before. */
  opened: boolean;
}

/**
 * The step that follows. The first one for who is new here; the next one for who begins again soon after the last has ended,
 * who defies a throttle, or who goes on through the whole of a monitor step; else the one there was. The last step is the
 * cap: it is given again and again.
 */
export function nextStep(steps: readonly [Step, ...Step[]], { held, earlier, opened }: Climb): Step {
  const [first] = steps;
  const above = (step: Step): Step => steps.find((each) => compareSteps(each, step) > 0) ?? harder(steps.at(-1) ?? first, step);
  if (held) return climbs(held) ? harder(above(held.step), first) : harder(held.step, first);
  if (!earlier) return first;
  return opened ? harder(above(earlier.step), first) : harder(earlier.step, first);
}

/** The farthest of those that are remembered: for ten times their length after their end, and an hour at least. */
export function farthest(ended: readonly Ended[]): Ended | undefined {
  const remembered = ended.filter(
    ({ step, endedMsAgo }) => endedMsAgo <= Math.max(REPEAT_LEAST_MS, REPEAT_TIMES * step.seconds * 1000),
  );
  return remembered.reduce<Ended | undefined>(
    (most, one) => (most && compareSteps(most.step, one.step) >= 0 ? most : one),
    undefined,
  );
}

function climbs({ step, forMs, requests, refused }: NonNullable<Climb['held']>): boolean {
  if (forMs < step.seconds * 1000) return false;
  if (step.action === 'monitor') return true;
  return step.action === 'throttle' && requests >= DEFIANT_LEAST && refused >= DEFIANT_SHARE * requests;
}

/** The steps under a policy that goes no further than throttles: a block becomes a throttle of its length. */
export function capped(steps: readonly Step[], policy: PolicyMode): [Step, ...Step[]] | undefined {
  const mildest = policy === 'throttle' ? steps.map(asThrottle) : steps;
  const [first, ...rest] = mildest;
  return first === undefined || policy === 'monitor' ? undefined : [first, ...rest];
}

const asThrottle = (step: Step): Step => (step.action === 'block' ? { action: 'throttle', seconds: step.seconds } : step);

/**
 * How many sources policies may newly block within a minute.
 * @param live distinct sources of the last minutes: accounts, and addresses without one.
 */
export const blockRoom = (live: number, maxShare: number): number => Math.max(LEAST_ROOM, Math.floor(live * maxShare));
