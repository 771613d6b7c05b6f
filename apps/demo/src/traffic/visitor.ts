/**
 * One visit of one customer, as people shop: sign in (now and then with a mistyped password), look around, put things
 * into the cart, pay or not. Anonymous visitors only look. A refusal by Plimsoll ends the visit.
 */
import type { User } from '../shop/users.js';

/** A person with habits that stay the same after a restart. */
export interface Visitor {
  /** Undefined: never signs in. */
  user: User | undefined;
  address: string;
  userAgent: string;
  /** Seconds between two clicks, typically. */
  pace: number;
}

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
}

/** How a visit reaches the world; tests give their own. */
export interface World {
  /** Status and JSON body of the answer. */
  call(visitor: Visitor, call: Call, token: string | undefined): Promise<{ status: number; body: unknown }>;
  pause(seconds: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

class Refused extends Error {}

/** One visit of about a minute. */
export async function visit(visitor: Visitor, world: World): Promise<void> {
  const click = async (call: Call, token: string | undefined): Promise<unknown> => {
    await world.pause(thinking(visitor.pace, world.random));
    const { status, body } = await world.call(visitor, call, token);
    if (status === 429 || (status === 403 && !call.path.startsWith('/orders/'))) throw new Refused();
    return body;
  };
  try {
    const token = visitor.user && (await signIn(visitor.user, click, world.random));
    const clicks = 4 + Math.floor(world.random() * 10);
    let cart = 0;
    for (let count = 0; count < clicks; count += 1) {
      const call = nextClick(world.random, token !== undefined);
      if (call.path === '/cart') cart += 1;
      await click(call, token);
    }
    if (cart > 0 && world.random() < 0.6) await pay(click, token);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

type Click = (call: Call, token: string | undefined) => Promise<unknown>;

/** One visit in twelve begins with a mistyped password, one in sixty with two. */
async function signIn(user: User, click: Click, random: () => number): Promise<string> {
  const luck = random();
  const mistakes = luck < 1 / 60 ? 2 : luck < 1 / 12 ? 1 : 0;
  for (let count = 0; count < mistakes; count += 1) {
    await click({ method: 'POST', path: '/login', body: { user: user.name, password: `${user.password}x` } }, undefined);
  }
  await click({ method: 'POST', path: '/login', body: { user: user.name, password: user.password } }, undefined);
  await click({ method: 'GET', path: '/me' }, user.token);
  return user.token;
}

async function pay(click: Click, token: string | undefined): Promise<void> {
  const order = await click({ method: 'POST', path: '/checkout' }, token);
  const id = typeof order === 'object' && order !== null && 'id' in order ? Number(order.id) : undefined;
  if (id !== undefined) await click({ method: 'GET', path: `/orders/${id}` }, token);
}

const words = ['lantern', 'oak', 'brass', 'bell', 'rope', 'compass', 'tin', 'oar'];

function nextClick(random: () => number, signedIn: boolean): Call {
  const luck = random();
  if (luck < 0.3) return { method: 'GET', path: `/products?page=${1 + Math.floor(random() * 6)}` };
  if (luck < 0.7) return { method: 'GET', path: `/products/${favourite(random)}` };
  if (luck < 0.73) return { method: 'GET', path: `/products/${500 + Math.floor(random() * 20)}` }; // An old link: 404.
  if (luck < 0.85 || !signedIn) return { method: 'GET', path: `/search?q=${words[Math.floor(random() * words.length)]}` };
  return { method: 'POST', path: '/cart', body: { productId: favourite(random) } };
}

/** Few products are wanted by many: the density falls as 1/x. */
const favourite = (random: () => number) => Math.min(120, Math.floor(121 ** random()));

/** Log-normal around the pace (sigma 0.7): mostly near it, sometimes long, never under a fifth of a second. */
function thinking(pace: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(30, Math.max(0.2, pace * Math.exp(0.7 * normal)));
}
