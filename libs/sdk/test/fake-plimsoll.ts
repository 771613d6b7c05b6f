/**
 * A real HTTP server that speaks Plimsoll's protocol to the SDK, or breaks it: each test sets how it answers. It keeps
 * what it was sent, unpacked, and streams signed frames of the feed, or holds polls until a decision is published.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import {
  COLUMNS_TYPE,
  type Demands,
  type FeedDecision,
  type FeedFrame,
  type FeedRisk,
  type Proof,
  type Receipt,
  type RequestLogInput,
  readColumns,
  type Share,
  type SharesFrame,
} from '@plimsoll/contracts';
import { listening } from '../../../test/setup/listening.js';
import { fakeKey, frameEvent, jws, keysEvent } from './fake-signer.js';

export interface Received {
  batch: string;
  authorization: string | undefined;
  encoding: string | undefined;
  type: string | undefined;
  requests: RequestLogInput[];
  at: number;
}
type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown;

export class FakePlimsoll {
  readonly batches: Received[] = [];
  /** Targets of the requests for the feed, with the Last-Event-ID where there is one. */
  readonly feeds: string[] = [];
  /** Sent from now on instead of 202. */
  onBatch: Handler | undefined;
  /** Answers requests for the feed from now on. */
  onFeed: Handler | undefined;
  /** False: as a server from before columns. */
  readsColumns = true;
  version = 0;
  decisions: FeedDecision[] = [];
  risks: FeedRisk[] = [];
  #riskSeq = 0;
  lifted: string[] = [];
  readonly receipts: (Receipt & { at: number })[] = [];
  receiptStatus = 204;
  readonly proofs: Proof[] = [];
  /** Answers a proof from now on. */
  onProof: Handler | undefined;
  /** Answers demand on throttles from now on; without it there is no such door. */
  onDemand: ((asked: Demands, response: ServerResponse) => unknown) | undefined;
  /** Streams that are open. */
  readonly streams = new Set<ServerResponse>();
  #polls: (() => void)[] = [];
  readonly #server = createServer((request, response) => this.#serve(request, response));

  /** Also after it was stopped. */
  url = '';
  get logs(): RequestLogInput[] {
    return this.batches.flatMap(({ requests }) => requests);
  }
  /** Streams and polls that wait for news. */
  get waiting(): number {
    return this.streams.size + this.#polls.length;
  }

  async start(port = 0): Promise<this> {
    this.url = `http://127.0.0.1:${await listening(this.#server, port)}`;
    return this;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Replaces the decisions in force and tells who follows the feed. */
  publish(...decisions: FeedDecision[]): void {
    this.version += 1;
    const before = this.decisions;
    this.decisions = decisions.map((one) => ({ ...one, version: this.version }));
    this.lifted = before.map(({ id }) => id).filter((id) => !this.decisions.some((one) => one.id === id));
    const delta = this.event({
      type: 'delta',
      ...this.place(),
      previous: this.version - 1,
      decisions: this.decisions,
      lifted: this.lifted,
    });
    for (const stream of this.streams) stream.write(delta);
    for (const answer of this.#polls.splice(0)) answer();
  }

  /** Replaces the risks and tells who follows the feed. */
  raise(...risks: FeedRisk[]): void {
    this.risks = risks;
    this.#riskSeq += 1;
    for (const stream of this.streams) stream.write(this.riskFrame());
  }

  riskFrame(change: object = {}): string {
    const whole = { previous: null, seq: this.#riskSeq, part: 0, parts: 1, halfLifeMs: 1_800_000, floor: 0.05 };
    return this.event({ type: 'risk', ...this.place(), ...whole, raised: this.risks, gone: [], ...change });
  }

  place(change: object = {}) {
    const issuedAt = Date.now();
    return { service: 'shop', environment: 'test', version: this.version, issuedAt, expiresAt: issuedAt + 60_000, ...change };
  }

  event(frame: FeedFrame): string {
    return frameEvent(frame, SIGNER);
  }

  hello(request: IncomingMessage, change: object = {}): string {
    const nonce = String(request.headers['plimsoll-nonce']);
    return this.event({ type: 'hello', ...this.place(), key: KEY.slice(5, 17), nonce, receiptMs: 0, ...change });
  }

  /** The signed answer to a question about shares. */
  shares({ instance, nonce }: Demands, shares: Share[], change: Partial<SharesFrame> = {}, typ = 'plimsoll-shares'): string {
    const { version: _, ...place } = this.place();
    const frame: SharesFrame = { type: 'shares', ...place, instance, nonce, everyMs: 1_000, shares, ...change };
    const payload = JSON.stringify(frame);
    return `data: ${payload}\ndata: ${jws(typ, payload, SIGNER)}\n\n`;
  }

  snapshot(change: object = {}): string {
    const { decisions } = this;
    return this.event({ type: 'snapshot', ...this.place(), snapshot: randomUUID(), part: 0, parts: 1, decisions, ...change });
  }

  keys(): string {
    return keysEvent([SIGNER]);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.url?.startsWith('/v1/feed')) this.#feed(request, response, body);
      else if (request.url === '/v1/proofs') this.#proof(request, response, body);
      else if (request.url === '/v1/demand' && this.onDemand) this.onDemand(JSON.parse(body.toString('utf8')), response);
      else if (request.url === '/v1/demand') response.writeHead(404).end();
      else if (request.url === '/v1/receipts') this.#receipt(response, body);
      else this.#take(request, response, body);
    });
  }

  #feed(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const id = request.headers['last-event-id'];
    this.feeds.push(`${request.url}${id === undefined ? '' : ` from ${id}`}`);
    response.on('close', () => this.streams.delete(response));
    if (this.onFeed) return void this.onFeed(request, response, body);
    this.answer(request, response);
  }

  /** As it answers by itself. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url?.startsWith('/v1/feed/stream')) return void this.stream(request, response);
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const since = query.get('since');
    const answer = () => {
      sse(response).write(this.keys() + this.hello(request));
      response.end(since === String(this.version) ? '' : this.snapshot());
    };
    if (since === String(this.version) && query.get('wait') !== '0') this.#polls.push(answer);
    else answer();
  }

  /** Opens a stream and says what is missing. */
  stream(request: IncomingMessage, response: ServerResponse): void {
    const risks = request.headers['plimsoll-reads'] === 'risk';
    sse(response).write(this.keys() + this.hello(request, { risks }));
    if (request.headers['last-event-id'] !== String(this.version)) response.write(this.snapshot());
    if (risks) response.write(this.riskFrame());
    this.streams.add(response);
  }

  /** As the server does: what the actor was asked for is gone. */
  #proof(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const proof = JSON.parse(body.toString('utf8')) as Proof;
    this.proofs.push(proof);
    if (this.onProof) return void this.onProof(request, response, body);
    const left = this.decisions.filter(({ action, subject }) => action === 'block' || subject.id !== proof.actor);
    const lifted = this.decisions.length - left.length;
    sendJson(response, 200, { outcome: 'taken', lifted, alerts: 0, feedVersion: this.version + Math.min(1, lifted) });
    if (lifted > 0) setTimeout(() => this.publish(...left), 50);
  }

  #receipt(response: ServerResponse, body: Buffer): void {
    this.receipts.push({ ...JSON.parse(body.toString('utf8')), at: performance.now() });
    response.writeHead(this.receiptStatus).end();
  }

  #take(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const encoding = request.headers['content-encoding'];
    const plain = encoding === 'gzip' ? gunzipSync(body) : body;
    const { authorization, 'content-type': type } = request.headers;
    if (type === COLUMNS_TYPE && !this.readsColumns) return void sendJson(response, 415, { code: 'unsupported-media-type' });
    const requests = logsOf(JSON.parse(plain.toString('utf8')), type);
    const batch = String(request.headers['plimsoll-batch']);
    this.batches.push({ batch, authorization, encoding, type, requests, at: performance.now() });
    if (this.onBatch) return void this.onBatch(request, response, body);
    sendJson(response, 202, { accepted: requests.length, rejected: [], feedVersion: this.version });
  }
}

function logsOf(body: { requests: RequestLogInput[] }, type: string | undefined): RequestLogInput[] {
  if (type !== COLUMNS_TYPE) return body.requests;
  const read = readColumns(body, { logs: 10_000, bytes: 8 * 1024 * 1024 });
  if (read.type !== 'entries') throw new Error(`columns that cannot be read: ${JSON.stringify(read)}`);
  return read.entries as RequestLogInput[];
}

export const sse = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Waits until the condition holds; fails with its name after 15 s, on a slow machine too sooner than a silent feed is given up. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A risk of an actor that deviates now, changed by `change`. */
export const risk = (change: Partial<FeedRisk> = {}): FeedRisk => ({
  subject: { type: 'actor', id: 'mallory' },
  score: 0.8,
  quietSince: Date.now() + 60_000,
  since: Date.now() - 60_000,
  signals: ['token-theft', 'rate'],
  alerts: 2,
  provedAt: null,
  ...change,
});

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

/** Signs what the servers of a test send. */
export const SIGNER = fakeKey();
export const KEY = `plim_aaaaaaaaaaaa_${'b'.repeat(43)}_${SIGNER.kid.slice(0, 22)}`;
