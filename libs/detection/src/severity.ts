/** Severity: how far beyond the limit, by a table of its own for each kind (see SEVERITY). */
import type { AlertKind, Severity, SeverityStep } from '@plimsoll/contracts';
import { SEVERITY } from './constants.js';

const RANK: Record<Severity, number> = { low: 0, medium: 1, high: 2, critical: 3 };

export const worse = (a: Severity, b: Severity) => RANK[a] > RANK[b];

export const worst = (a: Severity, b: Severity | undefined): Severity => (b !== undefined && worse(b, a) ? b : a);

export function severityOf(kind: AlertKind, observed: number, limit: number): Severity {
  const excess = observed / Math.max(1, limit);
  return SEVERITY[kind]?.find(([least]) => excess >= least)?.[1] ?? 'low';
}

/** The table of a kind, the lowest step first: from how many limits on it is how grave. */
export function severitySteps(kind: AlertKind): SeverityStep[] {
  const steps = [...(SEVERITY[kind] ?? [])].reverse().map(([from, severity]) => ({ from, severity }));
  return steps[0]?.from === 0 ? steps : [{ from: 0, severity: 'low' }, ...steps];
}
