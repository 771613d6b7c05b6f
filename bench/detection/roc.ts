/** Recall against false alerts, each detector turned through its own knob: ours is `sensitivity`. On three seeds. */
import type { MakeDetector } from './alarm.js';
import { runs } from './contests.js';
import { type Part, sizeFor } from './part.js';
import { Product, SETTINGS } from './product.js';
import { crowdsec, ewma, fixedLimit, percentile } from './rivals.js';
import { standingOf } from './tables.js';

export interface Turn {
  detector: string;
  knob: number;
  /** Share of all attacks, in every form, found by an alert of any kind; and by a fitting one. */
  recall: number;
  fitting: number;
  falsePerMillion: number;
  falsePerDay: number;
}

const SENSITIVITIES = [0.5, 0.75, 1, 1.5, 2, 3, 4];
const KNOBS: readonly (readonly [detector: string, knobs: readonly number[], make: (knob: number) => MakeDetector])[] = [
  ['plimsoll', SENSITIVITIES, (sensitivity) => (onAlarm) => new Product(onAlarm, { ...SETTINGS, sensitivity })],
  ['fixed limit an hour', [20, 50, 100, 200, 500, 1000, 3000], fixedLimit],
  ['leaky bucket (CrowdSec)', [0.25, 0.5, 1, 2, 4], crowdsec],
  ['percentile p90 and more', [0.2, 0.5, 1, 2, 5, 10], (more) => percentile(0.9, more)],
  ['EWMA z-score', [2, 3, 5, 8, 12, 20], ewma],
];

export function rocPart(quick: boolean): Part {
  const size = sizeFor(quick);
  const turns = KNOBS.flatMap(([detector, knobs, make]) => knobs.map((knob) => ({ detector, knob, make: make(knob) })));
  const makers = turns.map(
    ({ detector, knob, make }): MakeDetector =>
      (onAlarm) => {
        const made = make(onAlarm);
        return { name: `${detector} ${knob}`, take: (log, endpoint) => made.take(log, endpoint), finish: () => made.finish() };
      },
  );
  const all = runs(501, quick ? 1 : 3, makers, size);
  const roc = turns.map(({ detector, knob }): Turn => {
    const { attacks, found, foundAny, falsePerMillion } = standingOf(all, `${detector} ${knob}`);
    const alarms = all.reduce((sum, { scores }) => sum + (scores.get(`${detector} ${knob}`)?.falseAlarms.length ?? 0), 0);
    const days = all.length * size.days;
    return { detector, knob, recall: foundAny / attacks, fitting: found / attacks, falsePerMillion, falsePerDay: alarms / days };
  });
  for (const { detector, knob, recall, fitting, falsePerMillion } of roc)
    console.log(
      `${detector} ${knob}: recall ${recall.toFixed(3)} (${fitting.toFixed(3)} fitting), ${falsePerMillion.toFixed(1)} false per million`,
    );
  return { figures: [], tables: { roc } };
}
