/**
 * What happened to an alert, in one line of time: what it did itself, what people did, what was decided because of it or about its
 * subject while it lasted, and which alerts opened in its campaign. Pure, so that it can be tested.
 */
import type { Alert, AlertDetail, AlertEvent, Decision, Severity } from '@plimsoll/contracts';
import { endText, originText, rateText } from '../decisions/decision-words.js';
import { scaleOf } from '../format.js';
import { actionDone, actionNames, actionText, severityNames, subjectText } from '../words.js';
import { eventText } from './history-words.js';
import { excessOf, stepFor } from './severity-words.js';

/** Who or what a line is of: each has a mark of its own. */
export type Source = 'alert' | 'person' | 'decision' | 'campaign';

export interface Line {
  id: string;
  at: number;
  source: Source;
  text: string;
  note?: string | null;
  /** Named behind the text, each leading to its page. */
  alerts?: readonly Alert[];
}

/** A decision's beginning or end. `name` is short, for the chart. */
export interface Turn {
  id: string;
  at: number;
  name: string;
  text: string;
  note: string | null;
}

/** Because of the alert, or about its subject between its opening and its verdict. */
const belongs = (decision: Decision, { id, firstAt, resolvedAt }: Alert): boolean =>
  decision.alertId === id || (decision.createdAt >= firstAt && decision.createdAt <= (resolvedAt ?? Number.POSITIVE_INFINITY));

function beganText(decision: Decision, { subject }: Alert): string {
  const { mode, action, rate, endpoint } = decision;
  const what = mode === 'enforced' ? actionDone[action] : `${actionText(decision)}${mode === 'pending' ? ' for a person' : ''},`;
  const whom = decision.subject.id === subject.id ? '' : `: ${subjectText(decision.subject)}`;
  return `${what} by ${originText(decision)}${whom}${rate ? `, ${rateText(rate)}` : ''}${endpoint ? `, on ${endpoint}` : ''}`;
}

/** When and how it was over; undefined while it holds, and where another took its place: that one's beginning says so. */
function endOf(decision: Decision, now: number): Pick<Turn, 'at' | 'name' | 'text'> | undefined {
  const { mode, action, liftedAt, liftedBy, provedAt, until } = decision;
  if (mode === 'dry-run') return undefined;
  const name = actionNames[action];
  if (liftedAt !== null) {
    if (provedAt !== null) return { at: liftedAt, name: 'proved', text: `${name} over: ${endText(decision)}` };
    return liftedBy === null ? undefined : { at: liftedAt, name: 'lifted', text: `${name} ${endText(decision)}` };
  }
  return until > now ? undefined : { at: until, name: 'ran out', text: `${name} ran out` };
}

/** Beginnings and ends of the decisions that belong to an alert, in order of time. */
export function turnsOf({ alert, decisions }: Pick<AlertDetail, 'alert' | 'decisions'>, now: number): Turn[] {
  return decisions
    .filter((decision) => belongs(decision, alert))
    .flatMap((decision) => {
      const name = (decision.mode === 'enforced' ? actionDone[decision.action] : actionText(decision)).toLowerCase();
      const note = decision.origin.type === 'person' ? decision.reason : null;
      const began = { id: decision.id, at: decision.createdAt, name, text: beganText(decision, alert), note };
      const end = endOf(decision, now);
      return end ? [began, { id: `${decision.id} over`, note: null, ...end }] : [began];
    })
    .sort((a, b) => a.at - b.at);
}

const RANK: Record<Severity, number> = { low: 0, medium: 1, high: 2, critical: 3 };

/** When it first became graver than it had been, by the points that were kept; how grave it opened is the first of them. */
function rises({ alert, points, severitySteps }: AlertDetail): Line[] {
  const { text, per } = scaleOf(alert.unit, alert.windowSeconds);
  let grave: Severity | undefined;
  return points
    .filter(({ ts }) => ts > alert.firstAt - 1000 * alert.windowSeconds)
    .flatMap((point) => {
      const severity = stepFor(severitySteps, excessOf(point));
      const rose = grave !== undefined && RANK[severity] > RANK[grave] && RANK[severity] <= RANK[alert.severity];
      if (grave === undefined || rose) grave = severity;
      if (!rose) return [];
      const said = `Rose to ${severityNames[severity].toLowerCase()}: ${text(point.observed)} ${per}`;
      return [{ id: `rose ${severity}`, at: Math.max(point.ts, alert.firstAt), source: 'alert' as const, text: said }];
    });
}

/** Id of the alert that leads the campaign; undefined where it is in none. */
export const headOf = ({ id, campaign, leads }: Alert): string | undefined => campaign ?? (leads ? id : undefined);

/** Those of its campaign among the related ones, the one that leads included. */
export function campaignOf(alert: Alert, related: readonly Alert[]): Alert[] {
  const head = headOf(alert);
  return head === undefined ? [] : related.filter(({ id, campaign }) => id === head || campaign === head);
}

const opened = (alert: Alert, head: string | undefined): Line => ({
  ...{ id: `of ${alert.id}`, at: alert.firstAt, source: 'campaign', alerts: [alert] },
  text: alert.id === head ? 'The campaign’s own alert opened' : 'Opened in the campaign',
});

/** Alerts of a campaign that opened one after the other, with nothing between them, are one line. */
function together(lines: readonly Line[]): Line[] {
  const joined: Line[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last?.alerts && line.alerts && last.text === line.text) {
      joined[joined.length - 1] = { ...last, alerts: [...last.alerts, ...line.alerts] };
    } else joined.push(line);
  }
  return joined;
}

/**
 * @param related alerts of its campaign and about its subject
 * @param now milliseconds; a decision whose end lies before has run out
 */
export function timelineOf(detail: AlertDetail, events: readonly AlertEvent[], related: readonly Alert[], now: number): Line[] {
  const { alert } = detail;
  const turns = turnsOf(detail, now);
  const proved = alert.provedAt;
  const own = (id: string, at: number | null, text: string): Line[] => (at === null ? [] : [{ id, at, source: 'alert', text }]);
  const lines = [
    ...own('opened', alert.firstAt, 'The alert opened'),
    ...campaignOf(alert, related).map((other) => opened(other, headOf(alert))),
    ...rises(detail),
    ...turns.map(({ id, at, text, note }): Line => ({ id, at, source: 'decision', text, note })),
    // A decision that the proof lifted says it as well.
    ...(detail.decisions.some(({ provedAt }) => provedAt === proved) ? [] : own('proved', proved, 'The user proved itself')),
    ...events.map(
      (event): Line => ({
        ...{ id: `event ${event.id}`, at: event.at, source: event.by === null ? 'alert' : 'person' },
        ...{ text: eventText(event), note: event.note },
      }),
    ),
    ...own('ended', alert.endedAt, 'The behaviour stopped'),
  ];
  return together(lines.sort((a, b) => a.at - b.at));
}
