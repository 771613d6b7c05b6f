/**
 * How much each constant of the series detector matters: halved and doubled, at the product's own line (threshold one
 * half), on all files and on two halves of them (every other file by name). And the guard against fitting the files: the
 * best change by one half is shown on the other.
 */
import { SERIES, type SeriesConstants } from '@plimsoll/detection';
import { judged, type Profile, type Result, type Series, scored } from './corpus.js';

const PROFILES: readonly Profile[] = ['standard', 'reward_low_FP_rate', 'reward_low_FN_rate'];
const half = (results: readonly Result[], which: number) => results.filter((_, index) => index % 2 === which);
const atLine = (results: readonly Result[]) => {
  const scores = scored(results, '--threshold', '0.5');
  return PROFILES.map((profile) => scores[profile].score);
};
const shown = (scores: readonly number[]) => scores.map((score) => score.toFixed(1)).join(' / ');
const sum = (scores: readonly number[]) => scores.reduce((total, score) => total + score, 0);

interface Variant {
  label: string;
  all: number[];
  halves: number[][];
}

function measure(corpus: readonly Series[], label: string, constants: SeriesConstants): Variant {
  const results = judged(corpus, constants);
  return { label, all: atLine(results), halves: [0, 1].map((which) => atLine(half(results, which))) };
}

export function showSensitivity(corpus: readonly Series[]): void {
  const base = measure(corpus, 'as it is', SERIES);
  const show = ({ label, all, halves }: Variant) =>
    console.log(`| ${label} | ${shown(all)} | ${halves.map((scores) => shown(scores)).join(' | ')} |`);
  console.log('\n| constant | all files | half A | half B |\n|---|---|---|---|');
  show(base);
  const variants: Variant[] = [];
  for (const [name, value] of Object.entries(SERIES)) {
    for (const factor of [0.5, 2]) {
      const variant = measure(corpus, `${name} ${value * factor}`, { ...SERIES, [name]: value * factor });
      show(variant);
      variants.push(variant);
    }
  }
  for (const [own, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const on = (variant: Variant | undefined, which: number) => sum(variant?.halves[which] ?? []) - sum(base.halves[which] ?? []);
    const [best] = [...variants].sort((a, b) => on(b, own) - on(a, own));
    const gain = (which: number) => `${(on(best, which) / PROFILES.length).toFixed(1)}`;
    console.log(`best by half ${'AB'[own]}: ${best?.label}, mean gain there ${gain(own)}, on half ${'AB'[other]} ${gain(other)}`);
  }
}
