/**
 * The connection to Plimsoll: one HTTP call with a size cap and a deadline, or one answer that goes on. It never throws or rejects, follows no
 * redirect (the key goes to the configured host only) and its sockets and timers never keep the host's process alive.
 * node:http instead of fetch: fetch's sockets cannot be unref'ed.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { messageOf } from './faults.js';
import { oneLookup } from './one-lookup.js';

export interface Call {
  method: 'GET' | 'POST';
  /** Below the configured URL: `/v1/feed?since=7`. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
  /** From the call to the last byte of the answer. */
  timeoutMs: number;
  /** Of the answer's body; beyond it the connection is cut. */
  maxBytes: number;
}

export type Answer =
  | { type: 'answer'; status: number; retryAfter: string | undefined; text: string }
  | { type: 'failure'; reason: 'unreachable' | 'timeout' | 'too-large' | 'closed'; message: string };

/** An answer whose body is read as it comes. */
export interface Opened {
  status: number;
  retryAfter: string | undefined;
  contentType: string;
  body: IncomingMessage;
}

const CONNECT_MS = 3_000;

export class Wire {
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(
    base: URL,
    private readonly key: string,
  ) {
    this.#base = base;
    // The stream, one each of logs, receipts and demand, and the most proofs at once (proofs.ts): none of them waits for another.
    const options = { keepAlive: true, maxSockets: 4 + 64, maxFreeSockets: 2, lookup: oneLookup() };
    this.#agent = base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** One request and its whole answer as text; failures are values. */
  call(call: Call): Promise<Answer> {
    if (this.#closed) return Promise.resolve({ type: 'failure', reason: 'closed', message: 'the guard is closed' });
    return new Promise((resolve) => this.#send(call, resolve));
  }

  /**
   * One GET and the head of its answer; undefined where there is none. `cut` ends it at any time, before and after.
   *
   * @returns `opened` never rejects.
   */
  open(path: string, headers: Record<string, string>): { opened: Promise<Opened | { failure: string }>; cut: () => void } {
    if (this.#closed) return { opened: Promise.resolve({ failure: 'the guard is closed' }), cut: () => undefined };
    let cut = (): void => undefined;
    const opened = new Promise<Opened | { failure: string }>((resolve) => {
      const fail = (failure: string): void => resolve({ failure });
      try {
        const sent = this.#request({ method: 'GET', path, headers: { accept: 'text/event-stream', ...headers } });
        cut = () => {
          this.#open.delete(cut);
          fail('it was cut');
          sent.destroy();
        };
        this.#open.add(cut);
        sent
          .on('socket', letGo)
          .on('error', (error) => fail(messageOf(error)))
          .on('close', () => this.#open.delete(cut))
          .on('response', (body) => {
            const { statusCode = 0, headers: said } = body;
            // What is wrong with it is told to who reads it; without a listener it would end the process.
            body.on('error', () => undefined);
            resolve({ status: statusCode, retryAfter: said['retry-after'], contentType: said['content-type'] ?? '', body });
          });
        sent.end();
      } catch (error) {
        fail(messageOf(error));
      }
    });
    return { opened, cut: () => cut() };
  }

  #send(call: Call, resolve: (answer: Answer) => void): void {
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      this.#open.delete(cancel);
      resolve(answer);
    };
    const fail = (reason: 'unreachable' | 'timeout' | 'too-large' | 'closed', message: string): void => {
      done({ type: 'failure', reason, message });
      sent?.destroy();
    };
    const cancel = () => fail('closed', 'the guard was closed');
    const timer = setTimeout(() => fail('timeout', `no whole answer within ${call.timeoutMs} ms`), call.timeoutMs).unref();
    this.#open.add(cancel);
    let sent: ReturnType<typeof httpRequest> | undefined;
    try {
      sent = this.#request(call)
        .on('socket', letGo)
        .on('error', (error) => fail('unreachable', messageOf(error)))
        .on('response', (response) => collect(response, call.maxBytes, done, fail));
      sent.end(call.body);
    } catch (error) {
      fail('unreachable', messageOf(error));
    }
  }

  #request(call: Pick<Call, 'method' | 'path' | 'headers' | 'body'>) {
    const headers: Record<string, string | number> = { authorization: `Bearer ${this.key}`, accept: 'application/json' };
    Object.assign(headers, call.headers);
    if (call.body) headers['content-length'] = call.body.length;
    const options: RequestOptions = { method: call.method, headers, agent: this.#agent };
    const url = new URL(this.#base.pathname.replace(/\/+$/, '') + call.path, this.#base);
    return this.#base.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
  }

  /** Ends the calls under way and all connections. */
  close(): void {
    this.#closed = true;
    for (const cancel of [...this.#open]) cancel();
    this.#agent.destroy();
  }
}

/**
 * Lets the process end while the call is under way. Again on connect: with several addresses for a host Node replaces
 * the handle while it connects. A connection attempt itself cannot be let go, so it is cut after 3 s.
 */
function letGo(socket: Socket): void {
  socket.unref();
  if (!socket.connecting) return;
  const cut = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS).unref();
  socket.once('close', () => clearTimeout(cut));
  socket.once('connect', () => {
    clearTimeout(cut);
    socket.unref();
  });
}

function collect(
  response: IncomingMessage,
  maxBytes: number,
  done: (answer: Answer) => void,
  fail: (reason: 'unreachable' | 'too-large', message: string) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) fail('too-large', `the answer is larger than ${maxBytes} bytes`);
    else chunks.push(chunk);
  });
  response.on('error', (error) => fail('unreachable', messageOf(error)));
  response.on('end', () => {
    const retryAfter = response.headers['retry-after'];
    done({ type: 'answer', status: response.statusCode ?? 0, retryAfter, text: Buffer.concat(chunks).toString('utf8') });
  });
}
