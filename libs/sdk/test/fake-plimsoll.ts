/**
 * A real HTTP server that speaks Plimsoll's protocol to the SDK, or breaks it: each test sets how it answers. It keeps
 * what it was sent, unpacked, and holds feed polls open until a decision is published, as ingestion does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Feed, FeedDecision, RequestLogInput } from '@plimsoll/contracts';

export interface Received {
  batch: string;
  authorization: string | undefined;
  encoding: string | undefined;
  requests: RequestLogInput[];
  at: number;
}
type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown;

export class FakePlimsoll {
  readonly batches: Received[] = [];
  /** Query strings of the feed polls. */
  readonly polls: string[] = [];
  /** Sent from now on instead of 202. */
  onBatch: Handler | undefined;
  onPoll: Handler | undefined;
  version = 0;
  decisions: FeedDecision[] = [];
  #waiting: (() => void)[] = [];
  readonly #server = createServer((request, response) => this.#serve(request, response));

  /** Also after it was stopped. */
  url = '';
  get logs(): RequestLogInput[] {
    return this.batches.flatMap(({ requests }) => requests);
  }
  /** Polls that wait for news. */
  get waiting(): number {
    return this.#waiting.length;
  }

  start(port = 0): Promise<this> {
    return new Promise((resolve) =>
      this.#server.listen(port, '127.0.0.1', () => {
        this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
        resolve(this);
      }),
    );
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Replaces the decisions in force and answers the polls that wait. */
  publish(...decisions: FeedDecision[]): void {
    this.version += 1;
    this.decisions = decisions.map((one) => ({ ...one, version: this.version }));
    for (const answer of this.#waiting.splice(0)) answer();
  }

  feed(full = true, lifted: string[] = []): Feed {
    return { version: this.version, full, serverTime: Date.now(), decisions: this.decisions, lifted };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.url?.startsWith('/v1/feed')) this.#poll(request, response, body);
      else this.#take(request, response, body);
    });
  }

  #poll(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    this.polls.push(new URL(request.url ?? '', 'http://x').search);
    if (this.onPoll) return void this.onPoll(request, response, body);
    const since = new URL(request.url ?? '', 'http://x').searchParams.get('since');
    const answer = () => sendJson(response, 200, this.feed());
    if (since === String(this.version)) this.#waiting.push(answer);
    else answer();
  }

  #take(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const encoding = request.headers['content-encoding'];
    const plain = encoding === 'gzip' ? gunzipSync(body) : body;
    const { requests } = JSON.parse(plain.toString('utf8')) as { requests: RequestLogInput[] };
    const batch = String(request.headers['plimsoll-batch']);
    this.batches.push({ batch, authorization: request.headers.authorization, encoding, requests, at: performance.now() });
    if (this.onBatch) return void this.onBatch(request, response, body);
    sendJson(response, 202, { accepted: requests.length, rejected: [], feedVersion: this.version });
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Waits until the condition holds; fails with its name after 5 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

let serial = 0;
/** A decision that blocks an actor for an hour, changed by `change`. */
export function decision(change: Partial<FeedDecision> = {}): FeedDecision {
  serial += 1;
  return {
    id: `dec_${serial}`,
    version: serial,
    action: 'block',
    subject: { type: 'actor', id: 'mallory' },
    endpoint: null,
    rate: null,
    reason: 'test',
    until: Date.now() + 3_600_000,
    ...change,
  };
}

export const KEY = 'plim_aaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
