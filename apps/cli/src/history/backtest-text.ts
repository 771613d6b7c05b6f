/** What `backtest` prints for people: how it was run, what comes and goes by name and verdict, and the counts. */
import { type BacktestResult, type ComparedAlert, type ComparedDecision, cleanText, type WarmUp } from '@plimsoll/contracts';
import { aligned } from '../table.js';

const MOST_ROWS = 100;
const timeOf = (ts: number) => new Date(ts).toISOString().slice(0, 19).replace('T', ' ');
const whoOf = ({ subject, endpoint }: Pick<ComparedAlert, 'subject' | 'endpoint'>) =>
  cleanText(`${subject.type} ${subject.id}${endpoint === null ? '' : ` on ${endpoint}`}`);

export function backtestText(result: BacktestResult): string {
  const { alerts, decisions, refused, kinds } = result;
  const counts = aligned([
    ['kind', 'live', 'backtest', 'come', 'go'],
    ...kinds.map((each) => [each.kind, ...[each.live, each.backtest, each.come, each.go].map(String)]),
  ]);
  return [
    ...section('Alerts that would come', alerts.come, alertRow, ['opened (UTC)', 'severity', 'kind', 'about', 'verdict']),
    ...section('Alerts that would go', alerts.go, alertRow, ['opened (UTC)', 'severity', 'kind', 'about', 'verdict']),
    ...section('Alerts of another severity', alerts.change, alertRow, ['opened (UTC)', 'severity', 'kind', 'about', 'verdict']),
    ...section('Decisions that would come', decisions.come, decisionRow, ['from (UTC)', 'action', 'kind', 'whom', 'verdict']),
    ...section('Decisions that would go', decisions.go, decisionRow, ['from (UTC)', 'action', 'kind', 'whom', 'verdict']),
    ...(kinds.length > 0 ? [...counts, ''] : []),
    `${alerts.come.total} alerts come, ${alerts.go.total} go, ${alerts.stay + alerts.change.total} stay; ${decisions.come.total} decisions come, ${decisions.go.total} go, ${decisions.stay} stay.`,
    `Requests refused: ${refused.live} in the live run, ${refused.backtest} by these settings.`,
    `${result.requests} requests in ${result.seconds.toFixed(1)} s (${result.requestsPerSecond} a second). ${warmUpText(result.warmUp)}${missingText(result.missing)}${cutText(result.cut ?? 0)}`,
  ].join('\n');
}

function section<T>(
  title: string,
  { items, total }: { items: T[]; total: number },
  row: (item: T) => string[],
  head: string[],
): string[] {
  if (total === 0) return [];
  const shown = items.slice(0, MOST_ROWS);
  const more = total > shown.length ? [`  and ${total - shown.length} more`] : [];
  return [`${title}: ${total}`, ...aligned([head, ...shown.map(row)]).map((line) => `  ${line}`), ...more, ''];
}

const alertRow = (alert: ComparedAlert): string[] => [
  timeOf(alert.openedAt),
  alert.severityBefore === undefined ? alert.severity : `${alert.severityBefore} -> ${alert.severity}`,
  alert.kind,
  whoOf(alert),
  alert.verdict ?? '-',
];
const decisionRow = (decision: ComparedDecision): string[] => [
  timeOf(decision.decidedAt),
  decision.action,
  decision.kind ?? '-',
  whoOf(decision),
  decision.verdict ?? '-',
];

function warmUpText(warmUp: WarmUp): string {
  if (warmUp.from === 'nothing') return 'The model began knowing nothing.';
  const what = warmUp.from === 'snapshot' ? 'a copy of the baselines of' : 'a warm-up over the history from';
  return `The model began with ${what} ${timeOf(warmUp.at)}, ${warmUp.requests} requests.`;
}
const missingText = (missing: number) => (missing > 0 ? ` The history lacks ${missing} requests of that time.` : '');
const cutText = (cut: number) =>
  cut > 0 ? ` ${cut} alerts and decisions were too many to be compared: what comes and goes may be wrong.` : '';
