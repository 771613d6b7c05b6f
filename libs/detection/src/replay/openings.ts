/**
 * The alert budget of a replay: how many alerts of low and medium severity opened in the last 24 hours of event time, as
 * the product counts them in its records. One unresolved alert a service, kind, subject and endpoint: what opens again goes
 * into the alert that is there, unless a person has resolved it meanwhile.
 */
import type { AlertKind, Subject, VerdictReport } from '@plimsoll/contracts';
import type { Finding } from '../finding.js';
import { budgetStretch } from '../tolerances.js';

const DAY_MS = 86_400_000;
/** Alerts remembered; the oldest is forgotten, and would count anew. */
const MOST = 100_000;

interface Opening {
  service: string;
  at: number;
  /** Of low or medium severity, within the last 24 hours. */
  counts: boolean;
}

interface Target {
  service: string;
  kind: AlertKind;
  subject: Subject;
  endpoint: string | null;
}
const keyOf = ({ service, kind, subject, endpoint }: Target) =>
  JSON.stringify([service, kind, subject.type, subject.id, endpoint]);

const isNoise = ({ severity }: Finding) => severity === 'low' || severity === 'medium';

export class Openings {
  readonly #alerts = new Map<string, Opening>();
  /** Those that may still grow too old to count, oldest first but for late ones. */
  #recent: Opening[] = [];
  readonly #counts = new Map<string, number>();

  take(finding: Finding): void {
    if (finding.historical || finding.phase === 'ended') return;
    const { service, ts } = finding;
    const key = keyOf(finding);
    const known = this.#alerts.get(key);
    if (known) {
      if (known.counts && !isNoise(finding)) this.#uncount(known);
      return;
    }
    const opening = { service, at: ts, counts: isNoise(finding) };
    this.#alerts.set(key, opening);
    if (this.#alerts.size > MOST) this.#alerts.delete(this.#alerts.keys().next().value ?? '');
    if (!opening.counts) return;
    this.#recent.push(opening);
    this.#counts.set(service, (this.#counts.get(service) ?? 0) + 1);
  }

  /** A person has resolved the alert: the next episode opens another. A confirmed attack is no noise. */
  resolve(report: VerdictReport): void {
    const key = keyOf(report);
    const known = this.#alerts.get(key);
    if (known?.counts && report.verdict === 'true-positive') this.#uncount(known);
    this.#alerts.delete(key);
  }

  /** By how much the limits of each service are stretched at `now`, event time. */
  stretches(now: number, budget: number): [service: string, factor: number][] {
    const old = this.#recent.findIndex(({ at }) => at > now - DAY_MS);
    const gone = this.#recent.splice(0, old < 0 ? this.#recent.length : old);
    for (const opening of gone) if (opening.counts) this.#uncount(opening);
    return [...this.#counts].map(([service, opened]) => [service, budgetStretch(opened, budget)]);
  }

  #uncount(opening: Opening): void {
    opening.counts = false;
    this.#counts.set(opening.service, (this.#counts.get(opening.service) ?? 1) - 1);
  }
}
