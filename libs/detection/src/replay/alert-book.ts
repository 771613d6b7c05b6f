/**
 * The alerts of a backtest, as the product would have them in its records (storage/alerts.ts): one unresolved alert a kind,
 * subject and endpoint, into which later episodes go; an episode whose alert a person has resolved opens no other.
 */
import type { AlertKind, Severity, Subject, VerdictReport } from '@plimsoll/contracts';
import type { Finding } from '../finding.js';
import { worse } from '../severity.js';

export interface BookedAlert {
  kind: AlertKind;
  subject: Subject;
  endpoint: string | null;
  /** The worst. */
  severity: Severity;
  openedAt: number;
  lastAt: number;
  endedAt: number | null;
  requests: number;
  explanation: string;
}

interface Entry extends BookedAlert {
  episode: string;
  episodeCount: number;
}

type Target = Pick<Finding, 'kind' | 'subject' | 'endpoint'>;
export const alertKey = ({ kind, subject, endpoint }: Target): string =>
  `${kind}\n${subject.type}\n${subject.id}\n${endpoint ?? ''}`;

export class AlertBook {
  readonly #all: Entry[] = [];
  readonly #unresolved = new Map<string, Entry>();
  /** Episodes that a person has closed, by alert. */
  readonly #closed = new Map<string, string>();
  /** Alerts for which there was no room. */
  dropped = 0;

  /** @param most alerts kept; those beyond them are counted and not compared. */
  constructor(private readonly most = 200_000) {}

  get alerts(): readonly BookedAlert[] {
    return this.#all;
  }

  /** @returns the alert that the finding went into; undefined where it changed none. */
  take(finding: Finding): BookedAlert | undefined {
    const key = alertKey(finding);
    const known = this.#unresolved.get(key);
    if (known) return change(known, finding);
    if (finding.phase === 'ended' || this.#closed.get(key) === finding.logId) return undefined;
    if (this.#all.length >= this.most) {
      if (finding.phase === 'opened') this.dropped += 1;
      return undefined;
    }
    const opened = open(finding);
    this.#unresolved.set(key, opened);
    this.#all.push(opened);
    return opened;
  }

  /** A person resolves the alert. */
  resolve(report: VerdictReport): void {
    const key = alertKey(report);
    const known = this.#unresolved.get(key);
    if (!known) return;
    this.#unresolved.delete(key);
    this.#closed.set(key, known.episode);
  }
}

function open(finding: Finding): Entry {
  const { kind, subject, endpoint, severity, ts, count, explanation, logId } = finding;
  const when = { openedAt: ts, lastAt: ts, endedAt: null };
  return { kind, subject, endpoint, severity, ...when, requests: count, explanation, episode: logId, episodeCount: count };
}

function change(known: Entry, { phase, logId, ts, severity, count, explanation }: Finding): Entry {
  known.requests += Math.max(0, count - (known.episode === logId ? known.episodeCount : 0));
  known.episode = logId;
  known.episodeCount = count;
  if (phase === 'ended') {
    known.endedAt = Math.max(ts, known.lastAt);
    return known;
  }
  if (!worse(known.severity, severity)) {
    known.severity = severity;
    known.explanation = explanation;
  }
  known.openedAt = Math.min(known.openedAt, ts);
  known.lastAt = Math.max(known.lastAt, ts);
  known.endedAt = null;
  return known;
}
