/**
 * The answer to a refused request: an RFC 9457 problem document that tells the client nothing about the reasons. The host
 * may change it; what it gives back is checked, so that a fault of its own cannot let the request through.
 */
import type { ServerResponse } from 'node:http';
import { quotaFields } from './quota.js';
import type { Refusing, Verdict } from './verdict.js';

/** What is sent. A body that is no text is sent as JSON. */
export interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}
/** The same, ready to be sent. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
}
/** What the host changes of it; `body` as a text or as what becomes JSON. */
export type Answer = Partial<Refusal> | undefined;

const REDIRECTS = new Set([302, 303, 307]);
/** Seconds that a client of a route that fails closed is told to wait. */
const UNAVAILABLE_SECONDS = 10;

/**
 * 403 for a block or a challenge, which says in `challenge` what is asked for and where; 429 with Retry-After and RateLimit for a throttle; 503 with Retry-After where the route
 * fails closed. `instance` names the decision, for whoever is asked about it.
 */
export function refusalOf(verdict: Refusing): Refusal {
  if (verdict.origin === 'fail-closed') {
    const headers = { 'retry-after': String(UNAVAILABLE_SECONDS) };
    return problem(verdict, 503, 'unavailable', 'Service unavailable', headers);
  }
  if (verdict.verdict === 'block') return problem(verdict, 403, 'forbidden', 'Forbidden');
  if (verdict.verdict === 'challenge') {
    const more = { detail: 'Prove that it is you, then try again.', challenge: { proof: 'step-up', endpoint: verdict.endpoint } };
    return problem(verdict, 403, 'challenge-required', 'Proof required', {}, more);
  }
  const { retryAfterSeconds, quotas = [] } = verdict;
  const headers = { 'retry-after': String(retryAfterSeconds), ...(quotas.length > 0 ? quotaFields(quotas) : {}) };
  const spent = [...new Set(quotas.filter(({ remaining }) => remaining === 0).map(({ name }) => name))];
  const more = { detail: `Try again in ${retryAfterSeconds} s.`, ...(spent.length > 0 ? { 'violated-policies': spent } : {}) };
  return problem(verdict, 429, 'too-many-requests', 'Too many requests', headers, more);
}

function problem(
  { decisionId }: Refusing,
  status: number,
  code: string,
  title: string,
  headers: Record<string, string> = {},
  more: Record<string, unknown> = {},
): Refusal {
  const instance = decisionId === undefined ? {} : { instance: `urn:plimsoll:decision:${encodeURIComponent(decisionId)}` };
  const body = { type: `urn:plimsoll:problem:${code}`, title, status, code, ...more, ...instance };
  return { status, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers }, body };
}

/**
 * The refusal with the host's changes; undefined where they cannot be sent. A redirect is no refusal, save to where a challenge is met.
 */
export function changed(refusal: Refusal, answer: Answer, mayRedirect = false): Refusal | undefined {
  if (answer === undefined || answer === null) return refusal;
  const { status = refusal.status, headers = {}, body = refusal.body } = answer;
  const all: Record<string, string> = { ...refusal.headers };
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(String(value))) return undefined;
    all[name.toLowerCase()] = String(value);
  }
  const isRedirect = mayRedirect && REDIRECTS.has(status) && (all['location'] ?? '') !== '';
  const isRefusal = Number.isInteger(status) && status >= 400 && status <= 599;
  return isRedirect || isRefusal ? { status, headers: all, body } : undefined;
}

/** Throws where the body cannot be written as JSON. */
export function replyOf({ status, headers, body }: Refusal): Reply {
  return { status, headers, text: typeof body === 'string' ? body : (JSON.stringify(body) ?? '') };
}

/** Writes the refusal; nothing happens where the host has already begun to answer. */
export function refuse(response: ServerResponse, { status, headers, text }: Reply): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(text)) }).end(text);
}

/** Tells an admitted client what its throttles leave it. */
export function announce(response: ServerResponse, verdict: Verdict): void {
  if (verdict.verdict !== 'allow' || verdict.quotas === undefined || response.headersSent) return;
  for (const [name, value] of Object.entries(quotaFields(verdict.quotas))) response.setHeader(name, value);
}
