/** What many runs say together: per detector, kind and form; false alerts by requests and by user-day. Intervals are 95 %. */
import { alertKinds } from '@plimsoll/contracts';
import { FORMS } from '../../test/traffic/parameters.js';
import { quantile } from '../report.js';
import type { Run } from './contest.js';
import type { Outcome } from './score.js';
import { type Interval, meanInterval, meanOf, medianInterval, shareInterval } from './statistics.js';

export interface Row {
  kind: string;
  form: string;
  attacks: number;
  /** Share found by an alert of a fitting kind; of any kind. */
  recall: number;
  interval: Interval;
  any: number;
  /** Seconds of event time until it was found, of those found. */
  seconds: number;
  secondsInterval: Interval;
  /** Requests until the first decision; all of the attack's where there was none. */
  letThrough: number;
}

/** Attacks that last less: how soon they are found is a bar. */
export const SHORT_MS = 15 * 60_000;

export const isShort = ({ label }: Outcome) => label.end - label.start < SHORT_MS;

export interface Standing {
  detector: string;
  rows: Row[];
  /** The same, by the way of the attack. */
  variants: (Row & { variant: string })[];
  attacks: number;
  found: number;
  foundAny: number;
  falsePerMillion: number;
  falseInterval: Interval;
  falsePerUserDay: number;
  /** Each kind and subject once a run: what people see, whose alert stays open until they resolve it. */
  falseDistinctPerMillion: number;
  /** False alerts by kind and sort of subject: `user`, `integration`, ... */
  falseKinds: Record<string, number>;
  /** Median seconds until short attacks were found, of those found, by form. Absent in tables of before. */
  shortSeconds?: Record<string, number>;
}

const found = (outcome: Outcome) => outcome.fitting !== undefined;

export function recallOf(outcomes: readonly Outcome[]): { recall: number; interval: Interval; attacks: number } {
  const hits = outcomes.filter(found).length;
  return {
    recall: hits / Math.max(1, outcomes.length),
    interval: shareInterval(hits, outcomes.length),
    attacks: outcomes.length,
  };
}

export const secondsOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ fitting }) => (fitting === undefined ? [] : fitting / 1000));

function rowOf(kind: string, form: string, outcomes: readonly Outcome[]): Row {
  const seconds = secondsOf(outcomes);
  return {
    kind,
    form,
    ...recallOf(outcomes),
    any: outcomes.filter(({ any }) => any !== undefined).length / outcomes.length,
    seconds: quantile(seconds, 0.5),
    secondsInterval: medianInterval(seconds),
    letThrough: quantile(
      outcomes.map(({ letThrough }) => letThrough),
      0.5,
    ),
  };
}

export function outcomesOf(runs: readonly Run[], detector: string): Outcome[] {
  return runs.flatMap(({ scores }) => scores.get(detector)?.outcomes ?? []);
}

/** False alerts of each run, by a million requests of ordinary life. */
export const falseRates = (runs: readonly Run[], detector: string) =>
  runs.map(({ scores, benign }) => ((scores.get(detector)?.falseAlarms.length ?? 0) * 1e6) / benign);

function distinctFalse(runs: readonly Run[], detector: string): number {
  const distinct = runs.map(({ scores }) => {
    const alarms = scores.get(detector)?.falseAlarms ?? [];
    return new Set(alarms.map(({ kind, subject }) => `${kind} ${subject.type} ${subject.id}`)).size;
  });
  return (distinct.reduce((sum, many) => sum + many, 0) * 1e6) / runs.reduce((sum, { benign }) => sum + benign, 0);
}

export function standingOf(runs: readonly Run[], detector: string): Standing {
  const outcomes = outcomesOf(runs, detector);
  const rows = alertKinds.flatMap((kind) =>
    FORMS.flatMap((form) => {
      const those = outcomes.filter(({ label }) => label.kind === kind && label.form === form);
      return those.length > 0 ? [rowOf(kind, form, those)] : [];
    }),
  );
  const ways = [...new Set(outcomes.map(({ label }) => `${label.kind} ${label.variant}`))].sort();
  const variants = ways.flatMap((way) =>
    FORMS.map((form) => {
      const those = outcomes.filter(({ label }) => `${label.kind} ${label.variant}` === way && label.form === form);
      const [kind = '', variant = ''] = way.split(' ');
      return { variant, ...rowOf(kind, form, those) };
    }),
  );
  const rates = falseRates(runs, detector);
  const alarms = runs.flatMap(({ scores }) => scores.get(detector)?.falseAlarms ?? []);
  const falseKinds: Record<string, number> = {};
  for (const { kind = 'any', subject } of alarms) {
    const whose = `${kind} of ${subject.type} ${subject.id.replace(/[-.]?\d.*$/, '')}`.trim();
    falseKinds[whose] = (falseKinds[whose] ?? 0) + 1;
  }
  return {
    detector,
    rows,
    variants,
    attacks: outcomes.length,
    found: outcomes.filter(found).length,
    foundAny: outcomes.filter(({ any }) => any !== undefined).length,
    falsePerMillion: meanOf(rates),
    falseInterval: meanInterval(rates),
    falsePerUserDay: alarms.length / runs.reduce((sum, { userDays }) => sum + userDays, 0),
    falseDistinctPerMillion: distinctFalse(runs, detector),
    falseKinds,
    shortSeconds: Object.fromEntries(
      FORMS.map((form) => [form, quantile(secondsOf(outcomes.filter((one) => isShort(one) && one.label.form === form)), 0.5)]),
    ),
  };
}

const brief = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '-');

/** Markdown: a line a kind; each form as recall (any kind) and median seconds. */
export function kindTable({ rows }: Standing): string {
  const lines = ['| kind | easy | medium | stealthy | median s to detect: easy, medium, stealthy |', '|---|---|---|---|---|'];
  for (const kind of new Set(rows.map((row) => row.kind))) {
    const those = FORMS.map((form) => rows.find((row) => row.kind === kind && row.form === form));
    const recalls = those.map((row) => (row ? `${brief(row.recall)} (${brief(row.any)}) of ${row.attacks}` : '-'));
    lines.push(`| \`${kind}\` | ${recalls.join(' | ')} | ${those.map((row) => brief(row?.seconds ?? Number.NaN)).join(', ')} |`);
  }
  return lines.join('\n');
}

/** A sentence: how soon short attacks are found, by form. */
export function shortLine({ shortSeconds }: Standing): string {
  const parts = Object.entries(shortSeconds ?? {}).map(([form, seconds]) => `${brief(seconds)} s (${form})`);
  return `Median time until attacks under 15 minutes were found, of those found: ${parts.join(', ')}.`;
}

/** Markdown: a line a detector; recall by any kind, so that rivals without kinds compare. */
export function rivalTable(standings: readonly Standing[]): string {
  const lines = [
    '| detector | easy | medium | stealthy | false alerts per million requests | per 1,000 user-days |',
    '|---|---|---|---|---|---|',
  ];
  for (const { detector, rows, falsePerMillion, falseInterval, falsePerUserDay } of standings) {
    const shares = FORMS.map((form) => {
      const those = rows.filter((row) => row.form === form);
      const attacks = those.reduce((sum, row) => sum + row.attacks, 0);
      return brief(those.reduce((sum, row) => sum + row.any * row.attacks, 0) / attacks);
    });
    const rate = `${brief(falsePerMillion)} (${falseInterval.map((end) => brief(Math.max(0, end))).join(' to ')})`;
    lines.push(`| ${detector} | ${shares.join(' | ')} | ${rate} | ${brief(1000 * falsePerUserDay)} |`);
  }
  return lines.join('\n');
}
