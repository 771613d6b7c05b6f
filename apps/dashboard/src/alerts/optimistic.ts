/** What an alert looks like once an act is done: shown at once, and replaced by the server's answer. The rules are the server's. */
import type { Alert, NamedPerson, TriageAct, TriageResult } from '@plimsoll/contracts';
import { exact } from '../format.js';
import { subjectText } from '../words.js';

/** An act as the page knows it: with the assignee's name. */
export type PageAct = Exclude<TriageAct, { type: 'assign' }> | { type: 'assign'; assignee: NamedPerson | null };

/** @param now milliseconds of the server's clock. The same alert where the act changes nothing, or what it does cannot be known. */
export function foresee(alert: Alert, act: PageAct, by: string, now: number): Alert {
  if (alert.state === 'resolved' || act.type === 'undo') return alert;
  const note = 'note' in act && act.note ? act.note : alert.note;
  switch (act.type) {
    case 'acknowledge': {
      const again = alert.state === 'acknowledged';
      const who = again ? {} : { acknowledgedAt: now, acknowledgedBy: by };
      return { ...alert, ...who, note, state: 'acknowledged', snooze: null, until: act.until ?? null };
    }
    case 'resolve': {
      const verdict = { verdict: act.verdict, resolvedAt: now, resolvedBy: by };
      return { ...alert, ...verdict, note, state: 'resolved', snooze: null, until: null };
    }
    case 'assign':
      return { ...alert, assignee: act.assignee };
    case 'snooze':
      return { ...alert, note, state: 'snoozed', until: act.until ?? null, snooze: { by, at: now, seen: null } };
    case 'reopen':
      return { ...alert, note, state: 'open', until: null, snooze: null, acknowledgedAt: null, acknowledgedBy: null };
  }
}

/** `3 alerts`. */
export const alertsText = (count: number): string => `${exact(count)} ${count === 1 ? 'alert' : 'alerts'}`;

/** Alerts that are named one by one; beyond them they are counted. */
const NAMED = 3;

const CHANGED = 'had been changed or resolved by somebody else, and stay as they are.';
const TOO_LATE = 'had been changed since or were resolved too long ago, and stay as they are.';

/** What was left as it is, and why; undefined where nothing was. Who may not do a thing is told of which alerts. */
export function leftText(results: readonly TriageResult[], alerts: readonly Alert[], act: PageAct['type']): string | undefined {
  const denied = new Set(results.flatMap(({ type, id }) => (type === 'denied' ? [id] : [])));
  const others = results.filter(({ type }) => type !== 'changed' && type !== 'denied').length;
  const names = alerts.filter(({ id }) => denied.has(id)).map(({ subject }) => subjectText(subject));
  const more = names.length > NAMED ? ` and ${exact(names.length - NAMED)} more` : '';
  return (
    [
      names.length > 0 && `You may not do this to ${names.slice(0, NAMED).join(', ')}${more}.`,
      others > 0 && `${alertsText(others)} ${act === 'undo' ? TOO_LATE : CHANGED}`,
    ]
      .filter(Boolean)
      .join(' ') || undefined
  );
}

const doneNames: Record<PageAct['type'], string> = {
  acknowledge: 'acknowledged',
  resolve: 'resolved',
  assign: 'assigned',
  snooze: 'snoozed',
  reopen: 'opened again',
  undo: 'put back as before',
};
/** `3 alerts snoozed`. */
export const doneText = (act: PageAct, count: number): string => `${alertsText(count)} ${doneNames[act.type]}`;

/** An undo is none to be undone. */
export const undoable = (act: PageAct): boolean => act.type !== 'undo';
