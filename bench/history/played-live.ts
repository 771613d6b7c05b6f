/**
 * Thirteen minutes of a small shop with five attacks in them, sent through the door in order of time, all of it live, and as fast as the
 * worker keeps up: each two seconds when what came of the two before is done. In a worker that is minutes behind everybody hears of
 * everybody else minutes later, which no backtest can know.
 */
import type { RequestLogInput } from '@plimsoll/contracts';
import { sleep } from '../main-job/clock.js';
import type { Loaded } from './load.js';

const MINUTE_MS = 60_000;
const LONG_MS = 13 * MINUTE_MS;
const USERS = 40;
const PART_MS = 2_000;
const PATHS = ['/products', '/products/1', '/cart', '/search', '/orders/1', '/account'];

/** @returns how many logs were sent. */
export async function playLive({ product, queued }: Loaded): Promise<number> {
  const key = /(plim_[\w-]+)/.exec(product.output())?.[1] ?? '';
  const logs = story(Date.now() - LONG_MS - 20_000);
  for (let from = 0, end = 0; from < logs.length; from = end) {
    const until = (logs[from]?.ts ?? 0) + PART_MS;
    while (end < logs.length && (logs[end]?.ts ?? 0) < until) end += 1;
    const answer = await fetch(new URL('/v1/requests', product.urls.ingest), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'plimsoll-batch': `played-${from}` },
      body: JSON.stringify({ requests: logs.slice(from, end) }),
    });
    const text = await answer.text();
    const { accepted } = JSON.parse(text) as { accepted?: number };
    if (accepted !== end - from) throw new Error(`a batch was answered ${answer.status}: ${text}`);
    while ((await queued()) > 0) await sleep(5);
  }
  return logs.length;
}

type Sent = RequestLogInput & { ts: number };

function story(start: number): Sent[] {
  const logs: Sent[] = [];
  let state = 11;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const add = (afterMs: number, path: string, more: Partial<Omit<RequestLogInput, 'ts'>> = {}) =>
    logs.push({
      ts: Math.round(start + afterMs),
      method: 'GET',
      path,
      route: path.replace(/\d+/, ':id'),
      status: 200,
      durationMs: 5,
      bytesOut: 900,
      ip: '198.51.100.1',
      ...more,
    });
  for (let user = 0; user < USERS; user += 1) {
    const who = { actor: `user-${user}`, ip: `198.51.100.${user}` };
    for (let at = random() * 4_000; at < LONG_MS; at += 2_000 + random() * 4_000) {
      add(at, PATHS[Math.floor(random() * PATHS.length)] ?? '/products', who);
    }
  }
  const from = (minute: number, n: number, everyMs: number) => minute * MINUTE_MS + n * everyMs;
  for (let n = 0; n < 600; n += 1) add(from(6, n, 25), '/products', { actor: 'user-3', ip: '198.51.100.3' });
  for (let n = 0; n < 120; n += 1)
    add(from(8, n, 500), `/old-${n}/setup.php`, { route: undefined, status: 404, ip: '203.0.113.77' });
  const guess = { method: 'POST', status: 401, auth: 'failure' as const, authenticated: false };
  for (let n = 0; n < 60; n += 1) add(from(9, n, 1_000), '/login', { ...guess, actor: 'eve', ip: '203.0.113.5' });
  for (let n = 0; n < 300; n += 1) add(from(10, n, 200), `/orders/${1_000 + n}`, { actor: 'user-5', ip: '198.51.100.5' });
  for (let n = 0; n < 90; n += 1) add(from(11, n, 700), '/login', { ...guess, actor: `account-${n}`, ip: '203.0.113.9' });
  return logs.sort((a, b) => a.ts - b.ts).map((log, index) => ({ ...log, id: `played-${index}` }));
}
