/**
 * What an edit would change, before it is saved: the recorded decisions and the customer's cases, decided by the set as it is
 * and as it would be. Decisions that the policies cannot tell apart are tried once; the work is cut into slices, so that the
 * console goes on answering meanwhile.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { AccessCase, AccessRequest, Outcome, Simulation } from '@plimsoll/contracts';
import type { RecordedDecision } from '@plimsoll/storage';
import { PolicySet, type PolicyTexts } from './cedar.js';
import { likeness, spokenOf } from './likeness.js';

const SLICE = 40;
const MAX_FLIPS = 100;

type Flip = Simulation['flips'][number];

/** @param before and after all policies by id, each of them sound */
export async function simulate(
  before: PolicyTexts,
  after: PolicyTexts,
  record: readonly RecordedDecision[],
  cases: readonly AccessCase[],
): Promise<Omit<Simulation, 'locksOut'>> {
  const sets = [PolicySet.of(before), PolicySet.of(after)] as const;
  try {
    const flips = await flipsOf(sets, record, spokenOf({ ...before, ...after }));
    const tried = cases.map(({ id, name, expected, request }) => {
      const [was, would] = sets.map((set) => outcomeOf(set, request)) as [Outcome, Outcome];
      return { id, name, expected, before: was, after: would };
    });
    return {
      decisions: record.length,
      since: record.at(-1)?.request.context.time ?? null,
      flipped: flips.reduce((sum, { count }) => sum + count, 0),
      flips: flips.sort((a, b) => b.count - a.count).slice(0, MAX_FLIPS),
      cases: tried,
    };
  } finally {
    for (const set of sets) set.release();
  }
}

async function flipsOf(
  [before, after]: readonly [PolicySet, PolicySet],
  record: readonly RecordedDecision[],
  spoken: ReadonlySet<string>,
): Promise<Flip[]> {
  const flips = new Map<string, Flip | undefined>();
  let tried = 0;
  for (const { request, person } of record) {
    const key = likeness(request, spoken);
    const known = flips.get(key);
    if (known) known.count += 1;
    if (flips.has(key)) continue;
    const [was, would] = [outcomeOf(before, request), outcomeOf(after, request)];
    flips.set(key, was === would ? undefined : { request, person, before: was, after: would, count: 1 });
    tried += 1;
    if (tried % SLICE === 0) await breathe();
  }
  return [...flips.values()].filter((flip) => flip !== undefined);
}

export const outcomeOf = (set: PolicySet, request: AccessRequest): Outcome => (set.decide(request).allowed ? 'allow' : 'deny');
