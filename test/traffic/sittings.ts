/**
 * One sitting of a person or a visitor: signing in with its mistakes, pages with their parallel calls, pauses to read, a
 * purchase now and then, and what clients do when the service fails.
 */
import type { Endpoint, Page } from './catalogue.js';
import { DISTURBANCES, HABITS, HOUR, MINUTE, SECOND, SHARES } from './parameters.js';
import { carrierAddress, type Person, tasteOf } from './people.js';
import { Random, STREAM } from './random.js';
import type { Client } from './wire.js';
import { type World, within } from './world.js';

/** Longest sitting; what would go on is another one. */
const LONGEST = 3 * HOUR;

interface Sitting {
  world: World;
  client: Client;
  random: Random;
  pages: readonly Page[];
  taste: readonly number[];
  thinkSeconds: number;
}

/** A call with the retries of its client where the service fails. Returns when it was over. */
function call({ world, client, random }: Sitting, ts: number, endpoint: Endpoint): number {
  let at = ts;
  for (let retry = 0; retry <= DISTURBANCES.outage.retries; retry += 1) {
    if (world.call(at, client, endpoint, random) !== 503) return at;
    at += 2 ** retry * random.between(0.5, 1.5) * SECOND;
  }
  return at;
}

/** A page's calls go out within half a second; in a service that fails it is reloaded by the impatient. */
function open(sitting: Sitting, ts: number, page: Page): number {
  const { random, world, client } = sitting;
  let over = ts;
  for (const [endpoint, least, most] of page.calls) {
    for (let count = random.whole(least, most); count > 0; count -= 1)
      over = Math.max(over, call(sitting, ts + random.between(0, 500), endpoint));
  }
  if (ts >= world.deployAt) {
    call(sitting, ts + 100, world.service.at.recommendations);
    if (ts < world.deployAt + DISTURBANCES.deploy.staleMinutes * MINUTE)
      for (const file of ['app', 'vendor', 'style'])
        world.send(ts, client, undefined, random, { path: `/assets/${file}.9f8e7d6c.js`, status: 404 });
  }
  if (isApp(client) && within(world.release, ts)) over = Math.max(over, insist(sitting, ts));
  const reloads = over - ts > 3 * SECOND && random.chance(0.5);
  return reloads ? open(sitting, over + random.exponential(4) * SECOND, page) : over;
}

const isApp = ({ userAgent }: Client) => userAgent.includes('App/');

/** The new version of the app asks for something wrongly, on every page, and does not take no for an answer. */
function insist({ world, client, random }: Sitting, from: number): number {
  let ts = from;
  const [least, most] = DISTURBANCES.release.tries;
  for (let left = random.whole(least, most), wait = SECOND; left > 0; left -= 1, wait *= 1.4) {
    world.send(ts, client, world.service.at.feed, random, { status: 400 });
    ts += wait * random.between(0.8, 1.2);
  }
  return ts;
}

/** Puts `count` wrong entries before the right one. */
function mistype({ world, client, random }: Sitting, from: number, count: number, fields: object, endpoint: Endpoint): number {
  let ts = from;
  for (let left = count; left > 0; left -= 1, ts += random.between(3, 15) * SECOND)
    world.send(ts, client, endpoint, random, { ...fields, auth: 'failure' });
  return ts;
}

function signIn(sitting: Sitting, person: Person, from: number): number {
  const { world, client, random } = sitting;
  const { credential: _, ...bare } = client;
  const before = { ...sitting, client: bare };
  const forgot = random.chance(SHARES.forgotten);
  const mistakes = forgot ? random.whole(4, 7) : random.chance(SHARES.mistypes) ? random.whole(1, 3) : 0;
  let ts = mistype(before, from, mistakes, { status: 401 }, world.service.at.login);
  if (forgot) {
    world.send(ts, bare, world.service.at.reset, random, { authenticated: false });
    ts += random.between(60, 240) * SECOND;
  }
  if (within(world.expiry, ts) && mustRenew(world, person)) ts = renew(before, ts);
  world.send(ts, client, world.service.at.login, random, { auth: 'success' });
  if (person.oneTimeCode) {
    ts += random.between(5, 25) * SECOND;
    ts = mistype(sitting, ts, random.chance(0.06) ? random.whole(1, 2) : 0, { status: 422 }, world.service.at.code);
    world.send(ts, client, world.service.at.code, random, { auth: 'success' });
  }
  return ts + random.between(300, 1500);
}

/** Each once, and always the same ones. */
function mustRenew({ renewed, parameters }: World, { number }: Person): boolean {
  const due = !renewed.has(number) && new Random(parameters.seed, STREAM.person, number, 9).chance(DISTURBANCES.expiry.share);
  if (due) renewed.add(number);
  return due;
}

/** The old password is refused, once or twice; a new one is set by the way of those who forgot theirs. */
function renew({ world, client, random }: Sitting, from: number): number {
  const { login, reset, password } = world.service.at;
  let ts = from;
  for (let left = random.whole(1, 2); left > 0; left -= 1, ts += random.between(4, 20) * SECOND)
    world.send(ts, client, login, random, { status: 401, auth: 'failure' });
  world.send(ts, client, reset, random, { authenticated: false });
  ts += random.between(40, 200) * SECOND;
  world.send(ts, client, password, random, { authenticated: false });
  return ts + random.between(2, 10) * SECOND;
}

/** Checkout, payment (refused now and then), confirmation; or second thoughts on the way. */
function buy(sitting: Sitting, from: number): number {
  const { world, client, random } = sitting;
  let ts = call(sitting, from, world.service.at.checkout) + random.between(10, 90) * SECOND;
  if (random.chance(0.25)) return ts;
  while (random.chance(0.06)) {
    world.call(ts, client, world.service.at.payment, random, { status: 402 });
    ts += random.between(15, 60) * SECOND;
  }
  world.call(ts, client, world.service.at.payment, random, { status: 200 });
  world.call(ts + random.between(400, 3000), client, world.service.at.confirm, random, { status: 200 });
  return ts + 5 * SECOND;
}

function browse(sitting: Sitting, from: number, pages: number, person: Person | undefined): number {
  const { random, taste } = sitting;
  let ts = from;
  let moveAt = from + random.between(3, 10) * MINUTE;
  for (let left = pages; left > 0 && ts < from + LONGEST; left -= 1) {
    if (person?.onTheRoad && ts > moveAt) {
      sitting.client = { ...sitting.client, ip: carrierAddress(random, sitting.world.parameters.users) };
      moveAt = ts + random.between(3, 10) * MINUTE;
    }
    ts = open(sitting, ts, sitting.pages[random.weighted(taste)] as Page);
    if (person && random.chance(0.03)) ts = buy(sitting, ts + random.between(5, 30) * SECOND);
    ts += SECOND + random.lognormal(sitting.thinkSeconds, HABITS.thinkSpread) * SECOND;
  }
  return ts;
}

/** A sitting of somebody with an account. `work`: times the usual number of pages. */
export function sit(world: World, person: Person, client: Client, from: number, random: Random, work = 1): void {
  const { seed } = world.parameters;
  const sitting: Sitting = {
    world,
    client,
    random,
    pages: world.service.pages,
    taste: tasteOf(world.service, seed, person.number),
    thinkSeconds: person.thinkSeconds,
  };
  let ts = from;
  const renewing = within(world.expiry, ts) && random.chance(0.5);
  if (renewing || random.chance(SHARES.signsInEachSession)) ts = signIn(sitting, person, ts);
  else if (random.chance(0.2)) ts = expired(sitting, ts);
  world.call(ts, client, world.service.at.me, random);
  if (person.syncing) {
    for (let count = random.whole(10, 60); count > 0; count -= 1)
      world.call(ts + random.between(0, 8) * SECOND, client, world.service.at.message, random);
  }
  const pages = Math.max(1, Math.round(work * random.lognormal(person.pages, HABITS.sessionSpread)));
  const over = browse(sitting, ts + random.between(200, 900), pages, person);
  if (person.pollSeconds === 0) return;
  for (let poll = ts; poll < over; poll += person.pollSeconds * random.between(0.95, 1.05) * SECOND)
    world.call(poll, client, world.service.at.notifications, random);
}

/** The page's calls meet a token that has run out, and get a new one. */
function expired({ world, client, random }: Sitting, ts: number): number {
  for (const endpoint of [world.service.at.me, world.service.at.feed, world.service.at.notifications])
    world.send(ts + random.between(0, 200), client, endpoint, random, { status: 401 });
  world.send(ts + 400, client, world.service.at.refresh, random);
  return ts + 700;
}

/** A visitor without an account. */
export function visit(world: World, client: Client, from: number, random: Random): void {
  const [think] = HABITS.thinkSeconds;
  const sitting: Sitting = {
    world,
    client,
    random,
    pages: world.service.openPages,
    taste: world.service.openTaste,
    thinkSeconds: think,
  };
  if (random.chance(0.3)) world.send(from, client, undefined, random, { path: '/favicon.ico', status: 404 });
  browse(sitting, from, Math.max(1, Math.round(random.lognormal(4, 0.8))), undefined);
}
