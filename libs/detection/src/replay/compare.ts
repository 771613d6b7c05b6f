/**
 * What comes and what goes between the live run and a backtest. Alerts are the same where kind, subject and endpoint are and
 * their times touch; decisions where action, subject and endpoint are. Each of one side has at most one of the other.
 * An alert belongs to every time into which it lasts: there is one for as long as nobody resolves it, however old it is.
 * A backtest decides by the time of the requests, a worker by its clock when it heard of them, maybe minutes later: a live
 * decision may have been due at any time since its alert began.
 */
import type { AlertKind, AlertVerdict, EnforceableSubject, Severity, Subject } from '@plimsoll/contracts';
import { alertKey, type BookedAlert } from './alert-book.js';
import type { BookedDecision } from './decision-book.js';

/** An alert of the live run. Times: milliseconds since the epoch. */
export interface LiveAlert {
  id: string;
  kind: AlertKind;
  subject: Subject;
  endpoint: string | null;
  severity: Severity;
  firstAt: number;
  lastAt: number;
  endedAt: number | null;
  requests: number;
  explanation: string;
  verdict: AlertVerdict | null;
}

/** A decision of the live run's policy. */
export interface LiveDecision {
  action: 'throttle' | 'challenge' | 'block';
  subject: EnforceableSubject;
  endpoint: string | null;
  createdAt: number;
  /** When its alert began, by the time of the requests; null where the alert is gone. */
  alertAt: number | null;
  /** Its end, or when it was lifted or replaced. */
  until: number;
  reason: string;
  kind: AlertKind | null;
  verdict: AlertVerdict | null;
}

export interface Pairs<L, T> {
  both: [live: L, tested: T][];
  come: T[];
  go: L[];
}

/** Times that touch within this are the same: the live run heard of things later than they happened. */
const SLACK_MS = 60_000;

interface Stretch {
  key: string;
  /** When it came. */
  at: number;
  /** Until when it belongs to a time. */
  lastAt: number;
  /** Where another may touch it. */
  from: number;
  to: number;
}

/** Pairs of each key in order of time. What lies outside of `from` and `to` on both sides is paired, and counts as nothing. */
function pair<L, T>(
  live: readonly L[],
  tested: readonly T[],
  of: { live: (each: L) => Stretch; tested: (each: T) => Stretch },
  { from, to }: { from: number; to: number },
): Pairs<L, T> {
  const within = ({ at, lastAt }: Stretch) => lastAt >= from && at < to;
  const waiting = new Map<string, { each: L; stretch: Stretch }[]>();
  for (const each of live) {
    const stretch = of.live(each);
    waiting.set(stretch.key, [...(waiting.get(stretch.key) ?? []), { each, stretch }]);
  }
  for (const some of waiting.values()) some.sort((a, b) => a.stretch.at - b.stretch.at);
  const pairs: Pairs<L, T> = { both: [], come: [], go: [] };
  const inOrder = tested.map((each) => ({ each, stretch: of.tested(each) })).sort((a, b) => a.stretch.at - b.stretch.at);
  for (const { each, stretch } of inOrder) {
    const some = waiting.get(stretch.key) ?? [];
    const at = some.findIndex((one) => one.stretch.from <= stretch.to + SLACK_MS && stretch.from <= one.stretch.to + SLACK_MS);
    const [found] = at < 0 ? [] : some.splice(at, 1);
    if (found && (within(found.stretch) || within(stretch))) pairs.both.push([found.each, each]);
    else if (!found && within(stretch)) pairs.come.push(each);
  }
  const left = [...waiting.values()].flat().filter(({ stretch }) => within(stretch));
  pairs.go = left.sort((a, b) => a.stretch.at - b.stretch.at).map(({ each }) => each);
  return pairs;
}

type Timed = Parameters<typeof alertKey>[0] & { lastAt: number; endedAt: number | null };
const stretchOf = (each: Timed, at: number): Stretch => ({
  key: alertKey(each),
  at,
  lastAt: each.lastAt,
  from: at,
  to: Math.max(each.lastAt, each.endedAt ?? 0),
});

export const compareAlerts = (
  live: readonly LiveAlert[],
  tested: readonly BookedAlert[],
  window: { from: number; to: number },
): Pairs<LiveAlert, BookedAlert> =>
  pair(
    live,
    tested,
    {
      live: (each) => stretchOf(each, each.firstAt),
      tested: (each) => stretchOf(each, each.openedAt),
    },
    window,
  );

export const compareDecisions = (
  live: readonly LiveDecision[],
  tested: readonly BookedDecision[],
  window: { from: number; to: number },
): Pairs<LiveDecision, BookedDecision> => {
  const keyOf = ({ action, subject, endpoint }: Pick<BookedDecision, 'action' | 'subject' | 'endpoint'>) =>
    `${action}\n${subject.type}\n${subject.id}\n${endpoint ?? ''}`;
  return pair(
    live,
    tested.filter(({ action }) => action !== 'monitor'),
    {
      live: (each) => {
        const { createdAt: at, alertAt, until: to } = each;
        return { key: keyOf(each), at, lastAt: at, from: Math.min(at, alertAt ?? at), to };
      },
      tested: (each) => {
        const { createdAt: at, until, liftedAt } = each;
        return { key: keyOf(each), at, lastAt: at, from: at, to: Math.min(until, liftedAt ?? until) };
      },
    },
    window,
  );
};
