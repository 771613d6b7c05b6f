/**
 * The shop's benign traffic: a dozen visits at any time, over real HTTP to the shop itself, each customer from an address
 * of their own (six share an office's). In total about three requests a second. Ends when the signal says so; the shop
 * being away for a moment is no reason to.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { users } from '../shop/users.js';
import { type Call, type Visitor, visit, type World } from './visitor.js';

const VISITS_AT_A_TIME = 12;
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148',
];
/** Paces from 2 to 5 seconds, spread over the visitors by a fixed rule. */
const paceOf = (index: number) => 2 + ((index * 7) % 13) / 4;
const agentOf = (index: number) => agents[index % agents.length] ?? '';

/** Addresses come from the ranges that are reserved for documentation (RFC 5737). */
export const visitors: readonly Visitor[] = [
  ...users.map((user, index) => ({
    user,
    address: index >= 30 && index < 36 ? '192.0.2.10' : `198.51.100.${10 + index}`,
    userAgent: agentOf(index),
    pace: paceOf(index),
  })),
  ...Array.from({ length: 8 }, (_, index) => ({
    user: undefined,
    address: `203.0.113.${20 + index}`,
    userAgent: agentOf(index),
    pace: paceOf(index),
  })),
];

/** Keeps the shop of the world busy until `signal` aborts; resolves when the last visitor has left. */
export async function runCrowd(world: World, signal: AbortSignal): Promise<void> {
  setMaxListeners(VISITS_AT_A_TIME * 2, signal);
  const away = [...visitors];
  const rest = (seconds: number) => world.pause(seconds).catch(() => {});
  const seat = async (index: number) => {
    await rest(index * 0.4);
    while (!signal.aborted) {
      const [visitor] = away.splice(Math.floor(world.random() * away.length), 1);
      if (!visitor) return;
      await visit(visitor, world).catch(() => rest(2));
      away.push(visitor);
    }
  };
  await Promise.all(Array.from({ length: VISITS_AT_A_TIME }, (_, index) => seat(index)));
}

/** The real world, for the shop at a URL: fetch, chance and the clock. A pause that is cut short by the signal ends the visit. */
export function worldAt(shopUrl: string, signal: AbortSignal): World {
  return {
    random: Math.random,
    pause: (seconds) => sleep(seconds * 1000, undefined, { signal }),
    call: (visitor, call, token) => callShop(shopUrl, visitor, call, token),
  };
}

async function callShop(shopUrl: string, visitor: Visitor, call: Call, token: string | undefined) {
  const response = await fetch(new URL(call.path, shopUrl), {
    method: call.method,
    headers: {
      'x-forwarded-for': visitor.address,
      'user-agent': visitor.userAgent,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  });
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body };
}
