/** The second picture: an actor that doubles its pace every day, what the slow reference lets it learn, and where it is flagged. */
import type { Climb } from '../detection/poisoning.js';
import { HOUR, onStage } from './stage.js';
import type { Chart, Point } from './svg.js';

const DAYS = 5;
const START_PER_HOUR = 60;

export function rampChart(climbs: readonly Climb[]): Chart {
  const times: number[] = [];
  for (let at = HOUR; at < DAYS * 24 * HOUR; at += HOUR / paceAt(at)) times.push(at);
  const attempted = new Map<number, number>();
  const flagged = new Map<number, boolean>();
  onStage(DAYS, times, ({ ts, assessment }) => {
    const hour = Math.floor(ts / HOUR);
    attempted.set(hour, (attempted.get(hour) ?? 0) + 1);
    if (assessment.flagged) flagged.set(hour, true);
  });
  const points = [...attempted].map(([hour, count]): Point => [hour, count]);
  const climb = climbs.find(({ startPerHour }) => startPerHour === START_PER_HOUR);
  const learnt = (climb?.hours ?? []).flatMap((count, index): Point[] => (24 + index < DAYS * 24 ? [[24 + index, count]] : []));
  return {
    title: 'Poisoning: a pace that doubles each day, and the most that passes',
    x: { label: 'hours; the first day is ordinary habit', low: 0, high: DAYS * 24, ticks: [0, 24, 48, 72, 96, 120] },
    y: { label: 'requests an hour', low: 30, high: 2000, log: true, ticks: [30, 60, 120, 240, 500, 1000, 2000] },
    marks: [
      { type: 'line', points, tone: 'quiet', label: 'attempted' },
      { type: 'line', points: learnt, tone: 'own', dashed: true, label: 'most that passes unflagged, asked before each request' },
      { type: 'dots', points: points.filter(([hour]) => flagged.get(hour)), tone: 'alarm', label: 'flagged in this hour' },
    ],
  };
}

/** Habit for a day, then twice as much after each. */
const paceAt = (ts: number) => START_PER_HOUR * 2 ** Math.max(0, ts / (24 * HOUR) - 1);
