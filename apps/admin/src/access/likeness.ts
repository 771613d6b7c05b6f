/**
 * Which requests a set of policies cannot tell apart: a text of everything in them that any policy speaks of. A set is a pure function of
 * the request, so that one answer is good for all that are alike, until the set changes.
 */
import type { AccessRequest } from '@plimsoll/contracts';
import type { PolicyTexts } from './cedar.js';

/** Differ from call to call; left out where no policy speaks of them. */
const VOLATILE = ['time', 'authAgeSeconds', 'stepUpAgeSeconds', 'address', 'risk', 'subjects'] as const;

/**
 * Words of the circumstances that any policy has in its text: a few too many do no harm. A text with a backslash can name one without
 * its letters (`\u{74}ime`): then all are spoken of.
 */
export function spokenOf(policies: PolicyTexts): ReadonlySet<string> {
  const texts = Object.values(policies).map((policy) => (typeof policy === 'string' ? policy : JSON.stringify(policy)));
  if (texts.some((text) => text.includes('\\'))) return new Set(VOLATILE);
  return new Set(VOLATILE.filter((word) => texts.some((text) => text.includes(word))));
}

/** The same text for requests that are alike to policies that speak of these words. */
export function likeness({ principal, action, resource, context }: AccessRequest, spoken: ReadonlySet<string>): string {
  const left = Object.entries(context).filter(([name]) => spoken.has(name) || !(VOLATILE as readonly string[]).includes(name));
  return JSON.stringify([principal, action, resource, left]);
}
