/** How a haul of bytes is told. */
import type { RequestLog } from '@plimsoll/contracts';
import type { Source } from '../entities/sources.js';
import { type Excess, partiesOf, populationOf } from '../excess.js';
import { amount, period, short } from '../explain.js';
import { ownWeight } from '../statistics/baseline.js';
import { HAUL_WINDOWS } from './constants.js';
import type { HaulLimit } from './haul-limits.js';
import type { Sizes } from './sizes.js';

export interface OverHaul extends HaulLimit {
  window: number;
  observed: number;
  /** Large answers among them. */
  answers: number;
}

export function haulExcess(over: OverHaul, sizes: Sizes, log: RequestLog, source: Source): Excess {
  const { observed, expected, limit, own, population, everyone, answers } = over;
  const windowSeconds = HAUL_WINDOWS[over.window]?.seconds ?? 1;
  const score = 1 - 2 ** (-observed / limit);
  return {
    kind: 'exfiltration',
    subject: { type: source.type, id: source.id },
    endpoint: sizes.name,
    where: sizes.name,
    observed,
    expected: Math.round(expected),
    limit,
    unit: 'bytes',
    windowSeconds,
    score,
    evidence: { own, population: population + sizes.answers, weight: ownWeight(own) },
    verified: true,
    // So many answers of the usual size would be no haul; a person goes on with one in ten minutes.
    rate: { requests: 1, windowSeconds: 600 },
    requests: 1,
    opening: Math.max(1, Math.round(answers)),
    words: (clear) => ({
      explanation: explain(over, sizes, clear),
      signals: [
        { name: `bytes in large answers in ${windowSeconds} s`, observed, expected: Math.round(expected), score },
        { name: 'bytes of this answer', observed: log.bytesOut, expected: Math.round(Math.exp(sizes.mean)), score },
      ],
      points: [
        {
          ts: log.ts,
          observed,
          expected: Math.round(expected),
          limit,
          ...populationOf(Math.round(everyone), population),
        },
      ],
      ...partiesOf(source, log.ip),
    }),
  };
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** 700 kB, 1.4 GB. */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${amount(bytes / 1000 ** power)} ${UNITS[power]}`;
}

function explain({ window, observed, answers, own, expected }: OverHaul, sizes: Sizes, clear: number): string {
  const seconds = HAUL_WINDOWS[window]?.seconds ?? 1;
  const when = seconds === 86_400 ? 'in a day' : period(seconds);
  const seen = `${size(observed)} ${when} in ${amount(Math.round(answers))} large answers of ${short(sizes.name)}`;
  const usual = `an answer has ${size(Math.exp(sizes.mean))} there (${amount(Math.round(sizes.answers))} seen)`;
  const norm =
    own >= 1 ? `its own norm is ${size(expected)} (seen ${amount(Math.round(own))} times)` : 'it never took so much here';
  return `${seen}; ${usual}, ${norm}; at ${size(clear)} or less there would be no alert.`;
}
