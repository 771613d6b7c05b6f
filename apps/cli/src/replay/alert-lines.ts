/**
 * Findings as the lines that `replay` prints: an alert opens, changes its severity, or ends. The form is fixed; the
 * benchmarks read it. Findings of one second are put in time order before they are printed.
 */
import type { AlertKind, Evidence, Severity, Subject } from '@plimsoll/contracts';
import type { Finding, Phase } from '@plimsoll/detection';

/** One line of the output. Times are milliseconds of event time; lists of a campaign have at most 1,000 entries. */
export interface AlertLine {
  ts: number;
  kind: AlertKind;
  severity: Severity;
  score: number;
  subject: Subject;
  endpoint?: string;
  actors?: string[];
  addresses?: string[];
  observed: number;
  expected: number;
  limit: number;
  unit: string;
  windowSeconds: number;
  evidence: Evidence;
  explanation: string;
  phase: Phase;
}

/** Alerts that are open at a time, beyond which the oldest are forgotten: they would be printed as opened again. */
const MOST_OPEN = 1_000_000;

export class AlertLines {
  /** Severity last printed, by alert. */
  readonly #open = new Map<string, Severity>();
  #pending: AlertLine[] = [];

  constructor(private readonly onLine: (line: AlertLine) => void) {}

  /** Notes a finding; nothing is printed for an update that changes no severity. */
  take(finding: Finding): void {
    const key = JSON.stringify([finding.service, finding.kind, finding.subject, finding.endpoint]);
    const severity = this.#open.get(key);
    if (finding.phase === 'ended') {
      if (severity === undefined) return;
      this.#open.delete(key);
    } else {
      if (severity === finding.severity) return;
      this.#open.set(key, finding.severity);
      if (this.#open.size > MOST_OPEN) this.#open.delete(this.#open.keys().next().value ?? '');
    }
    const phase = finding.phase === 'ended' ? 'ended' : severity === undefined ? 'opened' : 'updated';
    const line = lineOf(finding, phase);
    const first = this.#pending[0];
    if (first && line.ts - first.ts >= 1000) this.flush();
    this.#pending.push(line);
  }

  /** Prints what is held back. */
  flush(): void {
    const lines = this.#pending.sort((a, b) => a.ts - b.ts);
    this.#pending = [];
    for (const line of lines) this.onLine(line);
  }
}

function lineOf(finding: Finding, phase: Phase): AlertLine {
  const { endpoint, actors, addresses } = finding;
  return {
    ts: finding.ts,
    kind: finding.kind,
    severity: finding.severity,
    score: finding.score,
    subject: finding.subject,
    ...(endpoint === null ? {} : { endpoint }),
    ...(actors === undefined ? {} : { actors }),
    ...(addresses === undefined ? {} : { addresses }),
    observed: finding.observed,
    expected: finding.expected,
    limit: finding.limit,
    unit: finding.unit,
    windowSeconds: finding.windowSeconds,
    evidence: finding.evidence,
    explanation: finding.explanation,
    phase,
  };
}
