/** How an excess of a walk is told. */
import type { RequestLog } from '@plimsoll/contracts';
import { THROTTLE_LEAST } from '../constants.js';
import { type Excess, partiesOf, populationOf } from '../excess.js';
import { amount, period, short } from '../explain.js';
import { ownWeight } from '../statistics/baseline.js';
import { MEASURES, type Measure } from './constants.js';
import type { Trail } from './trails.js';
import type { Standpoint, Yardstick } from './walk-limits.js';

export interface Over extends Yardstick {
  measure: number;
  observed: number;
  /** New objects in the measure's window, those refused among them. */
  objects: number;
  refused: number;
}

const UNITS = { objects: 'new objects', refused: 'refused objects', run: 'neighbouring ids' } as const;

/** The excess as every kind tells it. */
export function walkExcess(over: Over, trail: Trail, log: RequestLog, { source }: Standpoint): Excess {
  const { kind, what, windowSeconds } = MEASURES[over.measure] as Measure;
  const { own, everyone, limit } = over;
  const observed = Math.round(over.observed);
  const score = 1 - 2 ** (-over.observed / Math.max(1, limit));
  const expected = Math.min(own.mean, limit);
  return {
    kind,
    subject: { type: source.type, id: source.id },
    endpoint: trail.name,
    where: trail.name,
    observed: Math.max(observed, limit + 1),
    expected,
    limit,
    unit: UNITS[what],
    windowSeconds,
    score,
    evidence: { own: own.blocks, population: everyone.blocks, weight: ownWeight(own.blocks) },
    verified: true,
    rate: throttleOf(limit, windowSeconds),
    requests: 1,
    opening: Math.max(1, Math.round(over.objects)),
    words: (clear) => ({
      explanation: explain(over, trail.name, Math.floor(clear)),
      signals: [
        { name: `${UNITS[what]} in ${windowSeconds} s`, observed, expected, score },
        ...(over.refused >= 1 && what !== 'refused'
          ? [{ name: 'refused among them', observed: Math.round(over.refused), expected: 0, score }]
          : []),
      ],
      points: [{ ts: log.ts, observed, expected, limit, ...populationOf(everyone.mean, everyone.blocks) }],
      ...partiesOf(source, log.ip),
    }),
  };
}

/** New objects that the source may open; over more than an hour its part of an hour, and what a person needs. */
function throttleOf(limit: number, windowSeconds: number): Excess['rate'] {
  if (windowSeconds <= 3600) return { requests: Math.max(1, limit), windowSeconds };
  return { requests: Math.max(THROTTLE_LEAST, Math.ceil((limit * 3600) / windowSeconds)), windowSeconds: 3600 };
}

const when = (seconds: number) => (seconds === 86_400 ? 'in a day' : seconds === 600 ? 'in ten minutes' : period(seconds));

function explain({ measure, observed, own, everyone, objects, refused }: Over, endpoint: string, limit: number): string {
  const { what, windowSeconds } = MEASURES[measure] as Measure;
  const place = `${when(windowSeconds)} on ${short(endpoint)}`;
  const among = refused >= 1 ? `, ${amount(Math.round(refused))} of them refused` : '';
  const seen = {
    objects: `${amount(Math.round(observed))} objects opened for the first time ${place}${among}`,
    refused: `${amount(Math.round(observed))} of ${amount(Math.round(objects))} objects asked for the first time ${place} were refused or are not there`,
    run: `${amount(Math.round(observed))} neighbouring ids asked for one after the other on ${short(endpoint)}`,
  }[what];
  const norm =
    own.blocks >= 1 ? `its own norm is ${amount(own.mean)} (seen ${amount(Math.round(own.blocks))} times)` : 'it is new here';
  const others = `everyone's is ${amount(everyone.mean)} (seen ${amount(Math.round(everyone.blocks))} times)`;
  return `${seen}; ${norm}, ${others}; at ${amount(limit)} or fewer there would be no alert.`;
}
