/**
 * Hours of the demo's own traffic within seconds: its crowd at its shop behind the SDK's middleware, the very lines of
 * `npm start`. Only the clock, the luck (a seed) and the wire are others: time goes on when everybody waits for it, and a
 * request is handed to the shop within the process.
 */
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { RequestLog } from '@plimsoll/contracts';
import type { Guard, RecordedRequest } from '@plimsoll/sdk';
import { plimsollExpress } from '@plimsoll/sdk/express';
import type { Request } from 'express';
import { identify } from '../../apps/demo/src/shop/identity.js';
import { createShop } from '../../apps/demo/src/shop/shop.js';
import { runCrowd } from '../../apps/demo/src/traffic/crowd.js';
import type { Call, World } from '../../apps/demo/src/traffic/visitor.js';
import { HOUR, randomFrom, SECOND } from '../scenarios/traffic.js';

const CLOSED = new Error('The shop is closed.');

class Clock {
  #open = true;
  /** The next one last. */
  readonly #waiting: { at: number; wake: () => void; cut: (error: Error) => void }[] = [];

  /** @param now ms */
  constructor(public now: number) {}

  pause(seconds: number): Promise<void> {
    if (!this.#open) return Promise.reject(CLOSED);
    return new Promise((wake, cut) => {
      const at = this.now + seconds * SECOND;
      let place = this.#waiting.length;
      while (place > 0 && (this.#waiting[place - 1]?.at ?? 0) < at) place -= 1;
      this.#waiting.splice(place, 0, { at, wake, cut });
    });
  }

  /** To `end`, ms; then whoever waits is turned out. What somebody does takes no time. */
  async run(end: number): Promise<void> {
    while (this.#open) {
      await new Promise(setImmediate);
      const next = this.#waiting.pop();
      if (next && next.at <= end) {
        this.now = next.at;
        next.wake();
      } else {
        this.#open = false;
        for (const { cut } of [...this.#waiting, ...(next ? [next] : [])]) cut(CLOSED);
      }
    }
  }
}

/** The request logs of one run of the demo, from its start to its end, in order. */
export async function demoTraffic(seed: number, from: number, hours: number): Promise<RequestLog[]> {
  const random = randomFrom(seed);
  const clock = new Clock(from);
  const logs: RequestLog[] = [];
  const record = (request: RecordedRequest) => {
    const fields = { id: `demo-${from}-${logs.length}`, ts: Math.round(clock.now), durationMs: 1 + 3 * random(), timing: 'live' };
    logs.push({ ...request, ...fields } as RequestLog);
  };
  // Lets everything pass, ships nothing.
  const guard = { record, check: () => ({ verdict: 'allow' }), fingerprint: (secret: string) => `cf ${secret}` };
  const middleware = plimsollExpress<Request>({ guard: guard as unknown as Guard, identify, trustedProxies: 1 });
  const shop = createShop(middleware, () => '') as RequestListener;
  const world: World = {
    random,
    pause: (seconds) => clock.pause(seconds),
    call: ({ address, userAgent }, call, token) => {
      const known = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return ask(shop, call, { 'x-forwarded-for': address, 'user-agent': userAgent, ...known });
    },
  };
  const leaving = new AbortController();
  const crowd = runCrowd(world, leaving.signal);
  await clock.run(from + hours * HOUR);
  leaving.abort();
  await crowd;
  return logs;
}

function ask(shop: RequestListener, { method, path, body }: Call, headers: IncomingMessage['headers']) {
  const request = new IncomingMessage(new Socket());
  const text = body === undefined ? '' : JSON.stringify(body);
  const sent = text === '' ? {} : { 'content-type': 'application/json', 'content-length': String(text.length) };
  Object.assign(request, { method, url: path, headers: { ...headers, ...sent }, complete: true });
  if (text !== '') request.push(text);
  request.push(null);
  const response = new ServerResponse(request);
  let answer = '';
  const write = (part: Buffer, _: unknown, done: () => void) => {
    answer += part;
    done();
  };
  response.assignSocket(new Writable({ write }) as Socket);
  return new Promise<{ status: number; body: unknown }>((resolve) => {
    response.on('finish', () => {
      response.emit('close');
      resolve({ status: response.statusCode, body: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) });
    });
    shop(request, response);
  });
}
