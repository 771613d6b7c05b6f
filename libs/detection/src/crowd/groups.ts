/**
 * What everybody does, not a loud few. A window's sums are kept by sixteen groups of sources, and every judgement must
 * stand when the loudest groups count no more than the next one (winsorised), or nothing at all: a client that retries in
 * vain, a nightly batch or a single attacker sits in one group and moves nothing.
 */
import {
  CELLS,
  FAILING_RANK,
  FEW_TIMED_GROUPS,
  FIELDS,
  GROUPS,
  LEAST_FAILING_GROUPS,
  LEAST_TIMED_GROUPS,
  LOUD_RANK,
} from './constants.js';

/** Sums of a window over all groups. */
export interface Totals {
  requests: number;
  failures: number;
  timed: number;
  ln: number;
  squares: number;
}

const scratch = new Float64Array(GROUPS);

/** The value that only `rank` groups exceed. */
function ranked(cells: Float64Array, field: number, rank: number): number {
  // Put in order one by one: of so few, much quicker than a sort.
  for (let group = 0; group < GROUPS; group += 1) {
    const value = cells[group * FIELDS + field] ?? 0;
    let at = group;
    for (; at > 0 && (scratch[at - 1] ?? 0) > value; at -= 1) scratch[at] = scratch[at - 1] ?? 0;
    scratch[at] = value;
  }
  return scratch[GROUPS - 1 - rank] ?? 0;
}

/** Requests, the `rank` loudest groups counting no more than the next one. */
export function crowdRequests(cells: Float64Array, rank: number = LOUD_RANK): number {
  const most = ranked(cells, 0, rank);
  let sum = 0;
  for (let at = 0; at < CELLS; at += FIELDS) sum += Math.min(most, cells[at] ?? 0);
  return sum;
}

/** Groups with traffic. */
export function groupsOf(cells: Float64Array, field = 0): number {
  let groups = 0;
  for (let at = field; at < CELLS; at += FIELDS) if ((cells[at] ?? 0) > 0) groups += 1;
  return groups;
}

/** Failures, the loudest group counting no more than the second (none where too few fail), and the requests without what was left out. */
export function crowdFailures(cells: Float64Array): { failures: number; requests: number } {
  const most = groupsOf(cells, 1) < LEAST_FAILING_GROUPS ? 0 : ranked(cells, 1, FAILING_RANK);
  let failures = 0;
  let requests = 0;
  for (let at = 0; at < CELLS; at += FIELDS) {
    const failed = cells[at + 1] ?? 0;
    failures += Math.min(most, failed);
    requests += (cells[at] ?? 0) - Math.max(0, failed - most);
  }
  return { failures, requests };
}

export interface Durations {
  timed: number;
  ln: number;
}

/**
 * Timed requests and their sum of ln durations without the two slowest groups (one, where there are few), by what they
 * add beyond `expected`; undefined where too few are left to speak for everybody.
 */
export function crowdDurations(cells: Float64Array, expected: number): Durations | undefined {
  const groups = groupsOf(cells, 2);
  if (groups < LEAST_TIMED_GROUPS) return undefined;
  if (groups <= FEW_TIMED_GROUPS) return leastSlow(cells);
  let drop = groups > 2 * FEW_TIMED_GROUPS ? 2 : 1;
  for (let group = 0; group < GROUPS; group += 1) {
    const at = group * FIELDS;
    scratch[group] = (cells[at + 3] ?? 0) - expected * (cells[at + 2] ?? 0);
  }
  const excesses = Float64Array.from(scratch).sort();
  const mark = excesses[GROUPS - drop] ?? 0;
  const kept = { timed: 0, ln: 0 };
  for (let group = 0; group < GROUPS; group += 1) {
    const at = group * FIELDS;
    if (drop > 0 && (scratch[group] ?? 0) >= mark) {
      drop -= 1;
      continue;
    }
    kept.timed += cells[at + 2] ?? 0;
    kept.ln += cells[at + 3] ?? 0;
  }
  return kept;
}

function leastSlow(cells: Float64Array): Durations | undefined {
  let least: Durations | undefined;
  for (let at = 0; at < CELLS; at += FIELDS) {
    const [timed, ln] = [cells[at + 2] ?? 0, cells[at + 3] ?? 0];
    if (timed > 0 && (!least || ln * least.timed < least.ln * timed)) least = { timed, ln };
  }
  return least;
}
