/**
 * Made traffic for the scenarios: people with sessions, integrations with a clock, a crawler, an office behind one
 * address. Seeded, so that a scenario is the same on every machine; the habits are stated here and nowhere tuned to the
 * model.
 */
import type { RequestLog } from '@plimsoll/contracts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** A Monday, 00:00 UTC. */
export const START = Date.UTC(2026, 0, 5);

/** Mulberry32 (T. Ettinger, public domain): numbers in 0..1 from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
/** Exponential with the given mean. */
export const exponential = (random: () => number, mean: number) => -mean * Math.log(1 - random());

let count = 0;

export function request(ts: number, fields: Partial<RequestLog>): RequestLog {
  count += 1;
  return {
    id: `log-${count}`,
    ts: Math.round(ts),
    method: 'GET',
    path: '/',
    status: 200,
    durationMs: 20,
    bytesIn: 0,
    bytesOut: 1000,
    ip: '198.51.100.1',
    userAgent: 'scenario',
    authenticated: fields.actor !== undefined && fields.status !== 401,
    verdict: 'allow',
    timing: 'live',
    ...fields,
  };
}

export const inOrder = (logs: RequestLog[]) => logs.sort((a, b) => a.ts - b.ts);

const PAGES = ['/invoices/:id', '/customers/:id', '/products', '/products/:id', '/orders/:id', '/search'];

/** A failed sign-in as an SDK reports it: the account is claimed, not proven. */
export const failure = (ts: number, ip: string, actor: string | undefined, route = '/login') =>
  request(ts, {
    method: 'POST',
    route,
    path: route,
    status: 401,
    ip,
    ...(actor === undefined ? {} : { actor }),
    authenticated: false,
  });
export const success = (ts: number, ip: string, actor: string, route = '/login') =>
  request(ts, { method: 'POST', route, path: route, status: 200, ip, actor, authenticated: true, auth: 'success' });

export interface Person {
  actor: string;
  ip: string;
}

export const people = (many: number, prefix = 'person') =>
  Array.from({ length: many }, (_, index): Person => ({ actor: `${prefix}-${index}`, ip: `203.0.${index >> 8}.${index & 255}` }));

/** One sitting: a sign-in with a mistype now and then, pages with their parallel calls, a pause to read. */
export function session(random: () => number, { actor, ip }: Person, from: number, minutes: number): RequestLog[] {
  const logs: RequestLog[] = [];
  let ts = from;
  if (random() < 0.15) {
    for (let mistakes = 1 + Math.floor(random() * 3); mistakes > 0; mistakes -= 1, ts += 4000 + random() * 9000)
      logs.push(failure(ts, ip, actor));
  }
  logs.push(success(ts, ip, actor));
  if (random() < 0.1)
    logs.push(request(ts, { path: '/favicon.ico', status: 404, ip }), request(ts, { path: '/robots.txt', status: 404, ip }));
  while (ts < from + minutes * MINUTE) {
    const calls = 1 + Math.floor(exponential(random, 3));
    const route = pick(random, PAGES);
    for (let call = 0; call < Math.min(calls, 12); call += 1) {
      const path = route.replace(':id', String(1000 + Math.floor(random() * 500)));
      logs.push(request(ts + call * 40 * random(), { route, path, ip, actor, status: random() < 0.01 ? 404 : 200 }));
    }
    ts += 1000 + exponential(random, 20_000);
  }
  return logs;
}

/** Something with a clock: `burst` calls every `everyMs`. */
export function integration(
  actor: string,
  ip: string,
  route: string,
  from: number,
  until: number,
  everyMs: number,
  burst: number,
): RequestLog[] {
  const logs: RequestLog[] = [];
  for (let ts = from; ts < until; ts += everyMs) {
    for (let call = 0; call < burst; call += 1) logs.push(request(ts + call * 150, { route, path: route, actor, ip }));
  }
  return logs;
}

/** A crawler that follows links, a few of them dead. */
export function crawler(random: () => number, ip: string, from: number, until: number): RequestLog[] {
  const logs: RequestLog[] = [];
  for (let ts = from; ts < until; ts += 2000 + random() * 4000) {
    const dead = random() < 0.03;
    const path = dead ? `/blog/old-post-${Math.floor(random() * 1e6)}` : `/blog/post-${Math.floor(random() * 400)}`;
    logs.push(request(ts, { path, status: dead ? 404 : 200, ip }));
  }
  return logs;
}

/** Hours of ordinary life of a service, beginning at `from`. */
export function ordinary(seed: number, from: number, hours: number, many = 120): RequestLog[] {
  const random = randomFrom(seed);
  const office: Person[] = people(40, 'clerk').map(({ actor }) => ({ actor, ip: '192.0.2.10' }));
  const logs: RequestLog[] = [];
  for (const person of [...people(many), ...office]) {
    for (
      let ts = from + exponential(random, 2 * HOUR);
      ts < from + hours * HOUR;
      ts += 30 * MINUTE + exponential(random, 3 * HOUR)
    ) {
      logs.push(...session(random, person, ts, 2 + exponential(random, 8)));
    }
  }
  const until = from + hours * HOUR;
  logs.push(...integration('billing-sync', '198.51.100.20', '/invoices', from, until, 5 * MINUTE, 15));
  logs.push(...integration('status-poller', '198.51.100.21', '/status', from, until, 2 * SECOND, 1));
  logs.push(...crawler(random, '198.51.100.30', from, until));
  return inOrder(logs.filter(({ ts }) => ts < until));
}
