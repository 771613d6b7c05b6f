/** Why an alert is as grave as it is, in its own figures. Pure, so that it can be tested. */
import type { Alert, Severity, SeverityStep, Signal } from '@plimsoll/contracts';
import { measure, scaleOf } from '../format.js';
import { severityNames } from '../words.js';

/** As the model divides: a limit below one counts as one. */
export const excessOf = ({ observed, limit }: Pick<Alert, 'observed' | 'limit'>): number => observed / Math.max(1, limit);

export function stepFor(steps: readonly SeverityStep[], excess: number): Severity {
  return steps.findLast(({ from }) => excess >= from)?.severity ?? 'low';
}

/** `62 requests a minute against a limit of 18.7: 3.3 times the limit.` */
export function excessText(alert: Alert): string {
  const { text, per } = scaleOf(alert.unit, alert.windowSeconds);
  return `${text(alert.observed)} ${per} against a limit of ${text(alert.limit)}: ${measure(excessOf(alert))} times the limit.`;
}

/** Said where the figures of now would not make it so grave. */
export function worstText(alert: Alert, steps: readonly SeverityStep[]): string | undefined {
  const now = stepFor(steps, excessOf(alert));
  if (now === alert.severity) return undefined;
  return `What is observed now would be ${severityNames[now].toLowerCase()}: an alert keeps the worst that it was.`;
}

/** `from 5 times the limit`; of the lowest step nothing is asked. */
export const stepText = ({ from }: SeverityStep): string =>
  from === 0 ? 'from the limit on' : `from ${measure(from)} times the limit`;

/** `3.3 × the limit`, for a row of the list; undefined where it is below the limit by now. */
export function excessShort(alert: Alert): string | undefined {
  const excess = excessOf(alert);
  return excess >= 1 ? `${measure(excess)} × the limit` : undefined;
}

/** The strongest first, each with its share (0 to 1) of the whole surprise; 0 where there is none. */
export function contributionsOf(signals: readonly Signal[]): (Signal & { share: number })[] {
  const total = signals.reduce((sum, { score }) => sum + score, 0);
  return [...signals]
    .sort((a, b) => b.score - a.score)
    .map((signal) => ({ ...signal, share: total > 0 ? signal.score / total : 0 }));
}
