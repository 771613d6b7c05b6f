/** The answer to a refused request: an RFC 9457 problem document that tells the client nothing about the reasons. */
import type { ServerResponse } from 'node:http';
import type { Problem } from '@plimsoll/contracts';
import type { Verdict } from './verdict.js';

export interface Refusal {
  status: 403 | 429;
  headers: Record<string, string>;
  body: Problem & { instance: string };
}

/** 403 for a block; 429 with Retry-After for a throttle. `instance` names the decision, for whoever is asked about it. */
export function refusalOf(verdict: Exclude<Verdict, { verdict: 'allow' }>): Refusal {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  const instance = `urn:plimsoll:decision:${encodeURIComponent(verdict.decisionId)}`;
  if (verdict.verdict === 'block') {
    const code = 'forbidden';
    const body = { type: `urn:plimsoll:problem:${code}`, title: 'Forbidden', status: 403, code, instance } as const;
    return { status: 403, headers, body };
  }
  const seconds = verdict.retryAfterSeconds;
  const code = 'too-many-requests';
  const detail = `Try again in ${seconds} s.`;
  const body = { type: `urn:plimsoll:problem:${code}`, title: 'Too many requests', status: 429, code, detail, instance } as const;
  return { status: 429, headers: { ...headers, 'retry-after': String(seconds) }, body };
}

/** Writes the refusal; nothing happens where the host has already begun to answer. */
export function refuse(response: ServerResponse, verdict: Exclude<Verdict, { verdict: 'allow' }>): void {
  if (response.headersSent) return;
  const { status, headers, body } = refusalOf(verdict);
  const text = JSON.stringify(body);
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(text)) }).end(text);
}
