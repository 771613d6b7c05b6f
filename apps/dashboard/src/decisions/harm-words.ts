/** A harm preview in sentences. Pure, so that they can be tested. */
import type { EnforceableSubject, Harmed, HarmPreview, HarmQuestion, HarmVerdict } from '@plimsoll/contracts';
import { exact } from '../format.js';
import type { Draft } from './order.js';

/** Days of the history that are asked about. */
export const HARM_DAYS = 14;

export const harmVerdictNames: Record<HarmVerdict, string> = {
  'true-positive': 'confirmed',
  'false-positive': 'harmless',
  'expected-change': 'expected',
  open: 'not judged yet',
  none: 'never noticed',
};

const nouns: Record<EnforceableSubject['type'], readonly [one: string, many: string]> = {
  actor: ['user', 'users'],
  address: ['address', 'addresses'],
  credential: ['credential', 'credentials'],
};

/** The question about the decision of a draft; undefined while its rate is none. */
export function questionOf(action: 'throttle' | 'challenge' | 'block', draft: Draft): HarmQuestion | undefined {
  const id = draft.subject.id.trim();
  const rate = rateOf(draft);
  if (!id || (action === 'throttle' && !rate)) return undefined;
  const subject = { type: draft.subject.type, id };
  return { type: 'decision', action, subject, endpoint: draft.endpoint, ...(action === 'throttle' && { rate }) };
}

/** The question whom the limit of a throttle would hit if it held for everybody. */
export function limitOf(draft: Draft): HarmQuestion | undefined {
  const rate = rateOf(draft);
  if (!rate) return undefined;
  const { requests: atMost, windowSeconds } = rate;
  return { type: 'limit', kind: 'rate', endpoint: draft.endpoint, per: draft.subject.type, atMost, windowSeconds };
}

function rateOf({ requests, windowSeconds }: Draft) {
  const rate = { requests: Number(requests), windowSeconds: Number(windowSeconds) };
  return rate.requests > 0 && rate.windowSeconds > 0 ? rate : undefined;
}

/** What this one decision would have done. */
export function decisionText({ subjects, refused }: HarmPreview): string {
  const [hit] = subjects;
  if (!hit) return `In the last ${HARM_DAYS} days it would have refused nothing.`;
  return `In the last ${HARM_DAYS} days it would have refused ${exact(refused)} of ${exact(hit.requests)} requests.`;
}

/** An IPv6 address is held with its network: said where it is not what was typed. */
export function networkText({ subjects: [hit] }: HarmPreview, typed: string): string | undefined {
  return hit?.subject.type === 'address' && hit.subject.id.includes('/') && hit.subject.id !== typed.trim()
    ? `It holds all of ${hit.subject.id}.`
    : undefined;
}

/** Who stands behind an address or a credential: `3 users came by it: 1 confirmed, 2 others.` */
export function usersText({ total, verdicts }: Harmed): string {
  if (total === 0) return 'No user that your API vouched for came by it.';
  return `${exact(total)} ${total === 1 ? 'user' : 'users'} came by it: ${splitText(total, verdicts)}.`;
}

function splitText(total: number, verdicts: Harmed['verdicts']): string {
  const confirmed = verdicts['true-positive'] ?? 0;
  const others = total - confirmed;
  const parts = [
    confirmed > 0 && `${exact(confirmed)} confirmed`,
    others > 0 && `${exact(others)} ${others === 1 ? 'other' : 'others'}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** `In the last 14 days this limit would have hit 9 users: 7 confirmed, 2 others.` */
export function limitText({ total, verdicts }: HarmPreview, type: EnforceableSubject['type']): string {
  const [one, many] = nouns[type];
  const hit = `In the last ${HARM_DAYS} days this limit would have hit`;
  if (total === 0) return `${hit} nobody.`;
  return `${hit} ${exact(total)} ${total === 1 ? one : many}: ${splitText(total, verdicts)}.`;
}
