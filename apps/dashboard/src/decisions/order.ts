/** What the dialog of a decision starts from and what it sends. Pure, so that the rules can be tested. */
import type { Alert, BodyOf, DecisionAction, EnforceableSubject, Subject } from '@plimsoll/contracts';
import { kindNames, subjectTypeName } from '../words.js';

/** The draft of a decision as its form holds it; numbers as typed. */
export interface Draft {
  service: string;
  subject: EnforceableSubject;
  /** Only on this endpoint; null: everywhere in the service. */
  endpoint: string | null;
  requests: string;
  windowSeconds: string;
  durationSeconds: number;
  reason: string;
  alertId: string | undefined;
}

export const durations = [
  { seconds: 600, name: '10 minutes' },
  { seconds: 3_600, name: '1 hour' },
  { seconds: 21_600, name: '6 hours' },
  { seconds: 86_400, name: '1 day' },
  { seconds: 604_800, name: '7 days' },
  { seconds: 2_592_000, name: '30 days' },
] as const;

export const windows = [
  { seconds: 1, name: 'second' },
  { seconds: 10, name: '10 seconds' },
  { seconds: 60, name: 'minute' },
  { seconds: 3_600, name: 'hour' },
  { seconds: 86_400, name: 'day' },
] as const;

/** Those that outlast what is left of a decision, in milliseconds: whoever extends one must not shorten it. */
export const durationsBeyond = (leftMs: number) => durations.filter(({ seconds }) => seconds * 1000 > leftMs);

/** Bouncers enforce on actors, addresses and credentials only. */
export function enforceable(subject: Subject): EnforceableSubject | undefined {
  const { type, id } = subject;
  return type === 'actor' || type === 'address' || type === 'credential' ? { type, id } : undefined;
}

/** Of several alerts one for each subject that can be held back, the first. */
export function onePerSubject(alerts: readonly Alert[]): Alert[] {
  const whom = ({ service, subject }: Alert) => JSON.stringify([service, subject.type, subject.id]);
  const firsts = new Map(alerts.toReversed().map((alert) => [whom(alert), alert]));
  return alerts.filter((alert) => enforceable(alert.subject) && firsts.get(whom(alert)) === alert);
}

/** Held to the learnt limit where it counts requests, else to a modest pace. */
export function draftFor(alert: Alert, subject: EnforceableSubject): Draft {
  const learnt =
    /request/i.test(alert.unit) && alert.limit >= 1 && windows.some(({ seconds }) => seconds === alert.windowSeconds);
  return {
    service: alert.service,
    subject,
    endpoint: null,
    requests: learnt ? String(Math.floor(alert.limit)) : '10',
    windowSeconds: learnt ? String(alert.windowSeconds) : '60',
    durationSeconds: 3_600,
    reason: `${kindNames[alert.kind]}${alert.endpoint ? ` on ${alert.endpoint}` : ''}`.slice(0, 500),
    alertId: alert.id,
  };
}

export const emptyDraft = (service: string): Draft => ({
  service,
  subject: { type: 'actor', id: '' },
  endpoint: null,
  requests: '10',
  windowSeconds: '60',
  durationSeconds: 3_600,
  reason: '',
  alertId: undefined,
});

/** The body to send, or the sentence that says what is missing. */
export function orderOf(action: DecisionAction, draft: Draft): { body: BodyOf<'decide'> } | { missing: string } {
  const requests = Number(draft.requests);
  const id = draft.subject.id.trim();
  const reason = draft.reason.trim();
  if (!draft.service) return { missing: 'Choose a service.' };
  if (!id) return { missing: `Name the ${subjectTypeName(draft.subject.type).toLowerCase()}.` };
  if (!reason) return { missing: 'Say why: colleagues and the audit will read it.' };
  if (action === 'challenge' && draft.subject.type !== 'actor') return { missing: 'Only a user can prove itself.' };
  if (action === 'throttle' && !(requests > 0)) return { missing: 'The rate must be above zero.' };
  return {
    body: {
      service: draft.service,
      action,
      subject: { type: draft.subject.type, id },
      endpoint: draft.endpoint,
      durationSeconds: draft.durationSeconds,
      reason,
      ...(action === 'throttle' && { rate: { requests, windowSeconds: Number(draft.windowSeconds) } }),
      ...(draft.alertId && { alertId: draft.alertId }),
    },
  };
}
