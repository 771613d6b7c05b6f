/**
 * The private ClickHouse of one machine: the part of ClickHouse's HTTP interface that its official client uses, over an
 * engine in this process. Loopback only; a password for who writes and another for who reads. While there is no engine, it
 * answers why, as an exception that the client understands.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { OFF, PREPARING } from '@plimsoll/storage';
import type { Engine } from './engine.js';
import { Lane } from './lanes.js';
import { BadRequest, statementOf } from './statement.js';

/** `preparing` and `off` say why. */
export type EngineState = Engine | { preparing: string } | { off: string };

export interface Passwords {
  writer: string;
  reader: string;
}

/** More than the worker ever sends at once. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const READS_AT_ONCE = 4;
const WRITES_AT_ONCE = 2;
const MOST_WAITING = 64;
const KEEP_ALIVE_MS = 30_000;
/** A reader that takes nothing for so long is given up: it holds a lane that others wait for. */
const STALLED_MS = 60_000;

const equal = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function roleOf(request: IncomingMessage, { writer, reader }: Passwords): 'writer' | 'reader' | undefined {
  const [, basic] = /^Basic ([\w+/=-]{1,400})$/.exec(request.headers.authorization ?? '') ?? [];
  const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic ?? '', 'base64').toString('utf8')) ?? [];
  if (user === 'writer' && equal(password, writer)) return 'writer';
  return user === 'reader' && equal(password, reader) ? 'reader' : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const source = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > MAX_BODY_BYTES) throw new BadRequest('Code: 307. DB::Exception: The request is too large. (TOO_MANY_BYTES)');
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const [, code = '1002'] = /^Code: (\d+)\./.exec(message) ?? [];
  if (response.headersSent) {
    response.destroy(); // A part is out already: a broken connection is the one sign that is left.
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-clickhouse-exception-code': code });
  response.end(`${message}\n`);
}

/** Serves until it is closed. @param state what there is to serve from at the time of each request */
export function serveHistory(state: () => EngineState, passwords: Passwords, { stalledMs = STALLED_MS } = {}): Server {
  const lanes = { read: new Lane(READS_AT_ONCE, MOST_WAITING), write: new Lane(WRITES_AT_ONCE, MOST_WAITING) };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      const message = error instanceof Error ? error.message : String(error);
      const text = message.startsWith('Code: ') ? message : `Code: 1002. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`;
      refuse(response, error instanceof BadRequest ? 400 : 500, text);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const now = state();
    if ('preparing' in now) return refuse(response, 503, `Code: 1002. DB::Exception: ${now.preparing}. (${PREPARING})`);
    if ('off' in now) return refuse(response, 503, `Code: 1002. DB::Exception: ${now.off}. (${OFF})`);
    if (url.pathname === '/ping') {
      response.end('Ok.\n');
      return;
    }
    const role = roleOf(request, passwords);
    if (role === undefined)
      return refuse(response, 403, 'Code: 516. DB::Exception: Wrong user or password. (AUTHENTICATION_FAILED)');
    const statement = statementOf(url.searchParams, await bodyOf(request), role === 'reader');
    const leave = await lanes[statement.data ? 'write' : 'read'].enter();
    if (!leave) {
      return refuse(response, 503, 'Code: 202. DB::Exception: Too many queries wait. (TOO_MANY_SIMULTANEOUS_QUERIES)');
    }
    try {
      await send(now.run(statement), response, stalledMs);
    } finally {
      leave();
    }
  }

  return server;
}

/** The headers go with the first piece: what fails before it is answered with its status. */
async function send(pieces: AsyncGenerator<Buffer>, response: ServerResponse, stalledMs: number): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return; // Nobody reads any more: leaving the loop ends the statement.
    if (response.write(piece) || (await drained(response, stalledMs))) continue;
    response.destroy(); // What is missing at its end must not look like an end.
    return;
  }
  response.end();
}

/** @returns false where the reader has gone, or has taken nothing for so long. */
async function drained(response: ServerResponse, withinMs: number): Promise<boolean> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(response, 'drain', { signal }).then(() => true),
      once(response, 'close', { signal }).then(() => false),
      sleep(withinMs, false, { signal }),
    ]);
  } finally {
    over.abort(); // Else each wait would leave a listener behind.
  }
}
