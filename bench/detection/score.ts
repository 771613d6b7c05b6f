/** Alarms against the truth: which attack each alarm is about, what was found when, and what was false. */
import { FITTING } from '../../test/traffic/attacks.js';
import type { Label } from '../../test/traffic/simulation.js';
import type { Disturbance } from '../../test/traffic/world.js';
import type { Alarm } from './alarm.js';

/** An alarm after the end still counts: windows close, contributions travel. */
const AFTER_MS = 5 * 60_000;
/** What an attack leaves behind for an hour is not a false alert. */
const AFTERMATH_MS = 3_600_000;

/** One attack and what a detector made of it. */
export interface Outcome {
  label: Label;
  /** Milliseconds from the first request to an alarm of a fitting kind, and of any; undefined where there was none. */
  fitting: number | undefined;
  any: number | undefined;
  /** Requests of the attack until something would have been done about it; all of them where nothing would. */
  letThrough: number;
}

export interface RunScore {
  outcomes: Outcome[];
  /** Opened alarms about nobody who did anything. */
  falseAlarms: Alarm[];
}

/** An alarm on the attacked endpoint as a whole is about the attack, and finds it where its kind fits; on others as a whole where it names a party. */
const about = (alarm: Alarm, label: Label): boolean => {
  const { subject, parties } = alarm;
  if (subject.type !== 'endpoint' && subject.type !== 'service')
    return label.subjects.some(({ type, id }) => type === subject.type && id === subject.id);
  if (subject.type === 'endpoint' && label.endpoints.includes(subject.id)) return true;
  return fits(alarm, label) && label.subjects.some(({ id }) => parties.includes(id));
};

/** A detector without kinds is taken at its best. */
const fits = ({ kind }: Alarm, label: Label) => kind === undefined || FITTING[label.kind].includes(kind);

/** An outage or a sale may be told about its endpoints, or about the service. */
const excused = ({ ts, kind, subject }: Alarm, disturbances: readonly Disturbance[]) =>
  (kind === 'endpoint-health' || kind === 'flood') &&
  (subject.type === 'endpoint' || subject.type === 'service') &&
  disturbances.some(
    ({ from, until, endpoints }) =>
      ts >= from &&
      ts <= until + AFTER_MS &&
      (endpoints.length === 0 || subject.type === 'service' || endpoints.includes(subject.id)),
  );

/** @param requests times of each attack's requests in order, by the index of its label */
export function scoreRun(
  alarms: readonly Alarm[],
  labels: readonly Label[],
  disturbances: readonly Disturbance[],
  requests: readonly (readonly number[])[],
): RunScore {
  const bySubject = new Map<string, Label[]>();
  for (const label of labels)
    for (const { type, id } of label.subjects) bySubject.set(`${type} ${id}`, [...(bySubject.get(`${type} ${id}`) ?? []), label]);
  const outcomes = labels.map((label): Outcome => {
    const all = requests[label.index]?.length ?? 0;
    return { label, fitting: undefined, any: undefined, letThrough: all };
  });
  const falseAlarms: Alarm[] = [];
  for (const alarm of alarms) {
    const whole = alarm.subject.type === 'endpoint' || alarm.subject.type === 'service';
    const candidates = whole ? labels : (bySubject.get(`${alarm.subject.type} ${alarm.subject.id}`) ?? []);
    const meant = candidates.filter(
      (label) => alarm.ts >= label.start && alarm.ts <= label.end + AFTERMATH_MS && about(alarm, label),
    );
    for (const label of meant) note(outcomes[label.index] as Outcome, alarm, requests[label.index] ?? []);
    if (meant.length === 0 && alarm.opened && !excused(alarm, disturbances)) falseAlarms.push(alarm);
  }
  return { outcomes: outcomes.filter(({ label }) => label.moot !== true), falseAlarms };
}

/** Alarms come in order of time: the first of a sort is kept. */
function note(outcome: Outcome, alarm: Alarm, requests: readonly number[]): void {
  const { label } = outcome;
  if (alarm.ts > label.end + AFTER_MS) return;
  const after = alarm.ts - label.start;
  outcome.any ??= after;
  if (fits(alarm, label)) outcome.fitting ??= after;
  if (alarm.decides) outcome.letThrough = Math.min(outcome.letThrough, requests.filter((ts) => ts <= alarm.ts).length);
}
