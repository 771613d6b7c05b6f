/** What `rate` and `drift` say: the excess as every kind tells it, with the sentence, the signal and the chart made when needed. */
import type { RequestLog } from '@plimsoll/contracts';
import type { Endpoint } from '../entities/endpoints.js';
import { type Excess, partiesOf, populationOf } from '../excess.js';
import { explainRate } from '../explain.js';
import { ownWeight } from '../statistics/baseline.js';
import { type Over, secondsOf } from './rate.js';

export interface RateContext {
  kind: 'rate' | 'drift';
  log: RequestLog;
  endpoint: Endpoint;
  source: { type: 'actor' | 'address'; id: string };
  peaks: () => { ts: number; peak: number }[];
}

/** The excess as every kind tells it. */
export function rateExcess(over: Over, { kind, log, endpoint, source, peaks }: RateContext): Excess {
  const windowSeconds = secondsOf(over.window);
  const { observed, expected, limit, own, everyone, level, score } = over;
  return {
    kind,
    subject: { type: source.type, id: source.id },
    endpoint: endpoint.name,
    where: endpoint.name,
    observed,
    expected,
    limit,
    unit: 'requests',
    windowSeconds,
    score,
    evidence: { own: own.blocks, population: everyone.blocks, weight: ownWeight(own.blocks) },
    verified: true,
    rate: { requests: Math.max(1, limit), windowSeconds },
    requests: 1,
    words: (clear) => ({
      explanation: explainRate({
        observed,
        windowSeconds,
        endpoint: endpoint.name,
        expected: over.climbing === undefined ? own.mean : expected / level,
        ownBlocks: own.blocks,
        slow: over.climbing !== undefined,
        everyone: everyone.mean,
        populationBlocks: everyone.blocks,
        level,
        limit: Math.floor(clear),
      }),
      signals: [{ name: `requests in ${windowSeconds} s`, observed, expected, score }],
      points: [...peaks(), { ts: log.ts, peak: observed }].map(({ ts, peak }) => ({
        ts,
        observed: peak,
        expected,
        limit,
        ...populationOf(everyone.mean * level, everyone.blocks),
      })),
      ...partiesOf(source, log.ip),
    }),
  };
}
