/** The bars of the specification, from the runs' outcomes. */
import { type Figure, figure, quantile } from '../report.js';
import type { Run } from './contest.js';
import { meanOf } from './statistics.js';
import { falseRates, isShort, outcomesOf, recallOf, secondsOf } from './tables.js';

/** Of one set of runs; `of` names it. */
export function figuresOf(runs: readonly Run[], of: string): Figure[] {
  const outcomes = outcomesOf(runs, 'plimsoll');
  const obvious = outcomes.filter(({ label }) => label.form !== 'stealthy');
  const stealthy = outcomes.filter(({ label }) => label.form === 'stealthy');
  const short = outcomes.filter(isShort);
  const bursts = outcomes.filter(({ label }) => label.variant === 'thirtyfold' && label.form === 'easy');
  const recall = (name: string, some: typeof outcomes, bar: number) =>
    figure(`${name}, ${of}`, recallOf(some).recall, 'share', bar, 'higher');
  return [
    recall('recall over all kinds, easy and medium forms', obvious, 0.97),
    recall('recall over all kinds, stealthy forms', stealthy, 0.75),
    recall(
      'cold start: recall of attacks by the never seen, easy and medium forms',
      obvious.filter(({ label }) => label.cold),
      0.9,
    ),
    figure(`false alerts, ${of}`, meanOf(falseRates(runs, 'plimsoll')), 'per million benign requests', 5),
    figure(`median time to detect, attacks under 15 minutes that were found, ${of}`, quantile(secondsOf(short), 0.5), 's', 15),
    figure(
      `requests let through before the first decision, burst of 30 times the actor's busiest minute, median, ${of}`,
      quantile(
        bursts.map(({ letThrough }) => letThrough),
        0.5,
      ),
      'requests',
      60,
    ),
  ];
}
