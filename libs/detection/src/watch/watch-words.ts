/** How an excess of a watched address or account is told: the sentence, the parties, the points of the chart. */
import type { AlertPoint } from '@plimsoll/contracts';
import { THROTTLE_LEAST } from '../constants.js';
import type { Excess } from '../excess.js';
import { explainWatch } from '../explain.js';
import { HOUR, MAX_POINTS } from './constants.js';
import type { WatchOver } from './watch-limits.js';
import type { Watched } from './watched.js';

export function watchExcess(watched: Watched, over: WatchOver, ts: number): Excess {
  const { kind, observed, expected, limit, windowSeconds, unit, score, successes, tools = 0 } = over;
  const { type, id } = watched;
  const endpoint = kind === 'probing' ? null : watched.endpoint;
  const since = Math.floor(ts / 1000) - Math.max(windowSeconds, 60);
  const names =
    kind === 'probing' ? [] : watched.partners.filter((one) => one.row > 0 && one.failed > since).map(({ name }) => name);
  const evidence = kind === 'probing' ? successes + observed : successes;
  return {
    kind,
    subject: { type, id },
    endpoint,
    where: '',
    observed,
    expected,
    limit,
    unit,
    windowSeconds,
    score,
    evidence: { own: evidence, population: 0, weight: 0 },
    verified: type === 'address' || watched.verified,
    rate: { requests: throttleOf(over, endpoint), windowSeconds: Math.min(windowSeconds, HOUR.seconds) },
    requests: over.fresh,
    opening: observed,
    words: (clear) => ({
      explanation: explainWatch({
        kind,
        type,
        id,
        observed,
        unit,
        windowSeconds,
        endpoint,
        successes: evidence,
        parties: names.length,
        tools,
        limit: Math.floor(clear),
      }),
      signals: [{ name: `${unit} in ${windowSeconds} s`, observed, expected, score }],
      points: pointsOf(over, ts),
      ...(type === 'address' ? { actors: names, addresses: [id] } : { actors: [id], addresses: names }),
    }),
  };
}

/** On one endpoint the limit itself; where an address is held everywhere, what it did rightly, or else what a person needs. */
function throttleOf({ limit, successes, windowSeconds }: WatchOver, endpoint: string | null): number {
  if (endpoint !== null) return Math.max(1, limit);
  const seconds = Math.min(windowSeconds, HOUR.seconds);
  return Math.max(limit, Math.ceil((successes * seconds) / windowSeconds), (THROTTLE_LEAST * seconds) / 60);
}

function pointsOf({ course, observed, expected, limit }: WatchOver, ts: number): AlertPoint[] {
  const before = course.slice(-MAX_POINTS).map(([second, count]) => ({ ts: second * 1000, observed: count, expected, limit }));
  return [...before.filter((point) => point.ts < ts), { ts, observed, expected, limit }];
}
