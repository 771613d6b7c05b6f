/** How a step skipped or repeated is told. */

import { OWN_PRIOR_BLOCKS } from '../constants.js';
import { type Excess, populationOf, type Words } from '../excess.js';
import { amount, short } from '../explain.js';
import { ownWeight } from '../statistics/baseline.js';
import { REPEAT_PAUSE_SECONDS, WINDOW_SECONDS } from './constants.js';

const times = (count: number) => (count === 1 ? 'once' : count === 2 ? 'twice' : `${amount(count)} times`);

interface Told {
  actor: string;
  address: string;
  endpoint: string;
  ts: number;
  observed: number;
  expected: number;
  limit: number;
  score: number;
  /** Cycles of its own, and samples of everyone. */
  own: number;
  samples: number;
  /** What everyone does, where that is a count. */
  everyone?: number;
}

function excessOf(told: Told, unit: string, windowSeconds: number, sentence: () => string): Excess {
  const { actor, address, endpoint, ts, observed, expected, limit, score, own, samples, everyone = 0 } = told;
  return {
    kind: 'sequence',
    subject: { type: 'actor', id: actor },
    endpoint,
    where: '',
    observed,
    expected,
    limit,
    unit,
    windowSeconds,
    score,
    evidence: { own, population: samples, weight: own > 0 ? ownWeight(own) : own / OWN_PRIOR_BLOCKS },
    verified: true,
    rate: null,
    requests: 1,
    opening: observed,
    words: (clear): Words => {
      const otherwise = clear < 1 ? 'with it' : `at ${amount(Math.floor(clear))} or fewer`;
      return {
        explanation: `${sentence()}; ${otherwise} there would be no alert.`,
        signals: [{ name: unit, observed, expected, score }],
        points: [{ ts, observed, expected, limit, ...populationOf(everyone, everyone > 0 ? samples : 0) }],
        actors: [actor],
        addresses: [address],
      };
    },
  };
}

export interface Skip extends Told {
  missing: string;
  /** Name of the flow, where it was declared. */
  flow: string | undefined;
  /** Nobody went without it before. */
  first?: boolean;
}

export function skipExcess(skip: Skip): Excess {
  const { actor, endpoint, missing, observed, flow, own, samples, first = false } = skip;
  const others = first ? 'everyone has always passed' : 'practically everyone passes';
  const why =
    flow === undefined
      ? `${others} it first (seen ${times(Math.round(samples))}), ${own > 0 ? `itself ${times(own)}` : 'itself never'}`
      : `the flow ${short(flow)} declares it`;
  const often = first ? '' : ` ${times(observed)} within an hour`;
  return excessOf(skip, 'cycles without a step', WINDOW_SECONDS, () => {
    return `${short(actor)} did ${short(endpoint)}${often} without ${short(missing)}; ${why}`;
  });
}

export interface Repetition extends Told {
  /** Nothing else was asked in between. */
  row: boolean;
  everyone: number;
  ownBest: number;
}

/** The first time is no repetition, but counts in what is told. */
export function repeatExcess(repetition: Repetition): Excess {
  const { actor, endpoint, observed, everyone, samples, ownBest, row } = repetition;
  return excessOf(repetition, 'times in one cycle', REPEAT_PAUSE_SECONDS, () => {
    const between = row ? 'anything else' : 'another step';
    const norm = `everyone does it ${amount(everyone)} times (seen ${times(Math.round(samples))}), itself ${times(ownBest)} at most`;
    return `${short(actor)} did ${short(endpoint)} ${times(observed)} without ${between} in between; ${norm}`;
  });
}
