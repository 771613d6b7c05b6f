/**
 * Stands for Plimsoll, and for a collector of traces, in the contest of hosts: takes everything at once, keeps nothing, and
 * gives 100,000 signed decisions, none of them about anybody who asks, so that each caller has to be looked up.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FeedDecision } from '@plimsoll/contracts';
import { fakeKey, frameEvent, keysEvent } from '../../libs/sdk/test/fake-signer.js';

const PART = 5_000;
const BEAT_MS = 5_000;
const signer = fakeKey();

/** An API key of the service whose decisions are given. */
export const key = `plim_aaaaaaaaaaaa_${'b'.repeat(43)}_${signer.kid.slice(0, 22)}`;

function decision(index: number): FeedDecision {
  const subjects: FeedDecision['subject'][] = [
    { type: 'actor', id: `stranger-${index}` },
    { type: 'address', id: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}` },
    { type: 'credential', id: `cf_${index}` },
  ];
  const subject = subjects[index % subjects.length] as FeedDecision['subject'];
  const until = Date.now() + 3_600_000;
  return { id: `dec_${index}`, version: 1, action: 'block', subject, endpoint: null, rate: null, reason: 'bench', until };
}

/** Not yet listening. */
export function sinkOf(count: number): Server {
  const decisions = Array.from({ length: count }, (_, index) => decision(index));
  const place = () => {
    const issuedAt = Date.now();
    return { service: 'shop', environment: 'bench', version: 1, issuedAt, expiresAt: issuedAt + 60_000 };
  };
  const greet = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const nonce = String(request.headers['plimsoll-nonce']);
    response.write(keysEvent([signer]));
    response.write(frameEvent({ type: 'hello', ...place(), key: key.slice(5, 17), nonce, receiptMs: 600_000 }, signer));
  };
  const snapshot = (response: ServerResponse): void => {
    const parts = Math.ceil(count / PART);
    for (let part = 0; part < parts; part += 1) {
      const some = decisions.slice(part * PART, (part + 1) * PART);
      response.write(frameEvent({ type: 'snapshot', ...place(), snapshot: 'one', part, parts, decisions: some }, signer));
    }
  };
  const stream = (request: IncomingMessage, response: ServerResponse): void => {
    greet(request, response);
    snapshot(response);
    const beat = setInterval(() => response.write(frameEvent({ type: 'beat', ...place() }, signer)), BEAT_MS);
    response.on('close', () => clearInterval(beat));
  };
  /** Nothing ever changes: who has it all waits as long as it says. */
  const poll = (request: IncomingMessage, response: ServerResponse): void => {
    const asked = new URL(request.url ?? '', 'http://x').searchParams;
    const hasAll = asked.get('since') === '1';
    const answer = () => {
      greet(request, response);
      if (!hasAll) snapshot(response);
      response.end();
    };
    setTimeout(answer, hasAll ? Number(asked.get('wait') ?? 0) * 1000 : 0).unref();
  };
  return createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.url?.startsWith('/v1/feed/stream')) return stream(request, response);
      if (request.url?.startsWith('/v1/feed')) return poll(request, response);
      if (request.url?.startsWith('/v1/receipts')) return response.writeHead(204).end();
      response.writeHead(request.url?.startsWith('/v1/requests') ? 202 : 200, { 'content-type': 'application/json' });
      // How many there were is not looked at: the SDK counts them as rejected, at the same cost.
      response.end('{"accepted":0,"rejected":[],"feedVersion":1}');
    });
  });
}
