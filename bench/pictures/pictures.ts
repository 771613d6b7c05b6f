/** Draws the pictures of docs/detection.md from what was measured; those whose tables are not there yet are left out. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Climb } from '../detection/poisoning.js';
import type { Turn } from '../detection/roc.js';
import { bandChart } from './band.js';
import { rampChart } from './ramp.js';
import { type Chart, type Mark, svgOf, type Tone } from './svg.js';

export function drawPictures(folder: string, tables: Record<string, unknown>): void {
  mkdirSync(folder, { recursive: true });
  const draw = (name: string, chart: Chart) => {
    writeFileSync(join(folder, `${name}.svg`), svgOf(chart));
    console.log(`${join(folder, `${name}.svg`)}: ${chart.title}`);
  };
  draw('band', bandChart());
  const climbs = tables['poisoning'] as Climb[] | undefined;
  if (climbs) draw('ramp', rampChart(climbs));
  const roc = tables['roc'] as Turn[] | undefined;
  if (roc) draw('roc', rocChart(roc));
}

const TONES: readonly Tone[] = ['own', 'a', 'b', 'c', 'd'];
/** Fewer false alerts than this are drawn at the edge: a logarithm has no zero. */
const LEAST = 0.5;

function rocChart(turns: readonly Turn[]): Chart {
  const names = [...new Set(turns.map(({ detector }) => detector))];
  const marks = names.map((name, index): Mark => {
    const points = turns
      .filter(({ detector }) => detector === name)
      .map(({ recall, falsePerMillion }) => [Math.max(LEAST, falsePerMillion), recall] as const)
      .sort(([a, r], [b, s]) => a - b || r - s);
    return {
      type: 'line',
      points,
      tone: TONES[index] ?? 'quiet',
      dots: true,
      label: name,
      ...(index > 0 ? { dashed: true } : {}),
    };
  });
  return {
    title: 'Recall against false alerts, each detector turned through its own knob',
    x: {
      label: 'false alerts per million benign requests (left edge: none)',
      low: LEAST,
      high: 20_000,
      log: true,
      ticks: [1, 5, 20, 100, 500, 2000, 10_000],
    },
    y: { label: 'share of all attacks found, every form', low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    marks,
    // Between our own line and those of the rivals.
    legendAt: 0.32,
  };
}
