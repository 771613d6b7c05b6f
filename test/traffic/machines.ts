/**
 * Clients with a clock: integrations with bursts each few minutes, pollers, nightly batches, monitors, and crawlers that
 * follow links, some of them dead. Each is drawn once by its number.
 */
import { type Endpoint, pathTo, type Service } from './catalogue.js';
import { DAY, HOUR, MACHINES, MINUTE, SECOND, type TrafficParameters } from './parameters.js';
import { Random, STREAM } from './random.js';
import { addressOf, type Client, NEIGHBOURHOOD } from './wire.js';
import type { World } from './world.js';

/** Does what the machine does between two times. */
export type Machine = (world: World, from: number, until: number) => void;

/** Machines' numbers begin here, so that their objects are not people's. */
const FIRST_NUMBER = 200_000;

function clientOf(number: number, random: Random): Client {
  return {
    actor: `integration-${number}`,
    ip: addressOf(NEIGHBOURHOOD.machine, number),
    userAgent: random.pick(['python-requests/2.34', 'okhttp/5.1', 'Go-http-client/2.0', 'axios/1.14']),
    credential: `key-${number}`,
    number: FIRST_NUMBER + number,
  };
}

const tasksOf = ({ at }: Service): readonly (readonly Endpoint[])[] => [
  [at.orders, at.order],
  [at.stock],
  [at.putStock],
  [at.products, at.product],
  [at.invoices, at.invoice],
  [at.messages, at.write],
];

/** Multiples of `period` after `phase` between two times. */
function* ticks(from: number, until: number, period: number, phase: number): Generator<number> {
  for (let at = Math.ceil((from - phase) / period) * period + phase; at < until; at += period) yield at;
}

/** A list call, then one call for each thing that changed: more by day than by night. */
function integration(service: Service, client: Client, random: Random, seed: number): Machine {
  const period = random.pick(MACHINES.periodsMinutes) * MINUTE;
  const phase = random.chance(0.5) ? 0 : random.between(0, period);
  const usual = random.lognormal(...MACHINES.burst);
  const [list, each] = random.pick(tasksOf(service)) as [Endpoint, Endpoint?];
  const gap = random.between(60, 400);
  return (world, from, until) => {
    for (const at of ticks(from, until, period, phase)) {
      const work = new Random(seed, STREAM.machineWork, client.number, at / SECOND);
      const daily = 0.6 + 0.4 * Math.sin(((at % DAY) / DAY) * 2 * Math.PI - Math.PI / 2);
      let ts = at + work.between(0, 3) * SECOND;
      for (let count = Math.round(usual * daily * work.lognormal(1, 0.4)); count >= 0; count -= 1, ts += work.exponential(gap))
        world.call(ts, client, each ?? list, work);
      world.call(at, client, list, work);
    }
  };
}

function poller({ at: { orders, stock, messages } }: Service, client: Client, random: Random, seed: number): Machine {
  const period = random.between(5, 60) * SECOND;
  const endpoint = random.pick([orders, stock, messages]);
  return (world, from, until) => {
    for (const at of ticks(from, until, period, 0))
      world.call(at + 300, client, endpoint, new Random(seed, STREAM.machineWork, client.number, at / SECOND));
  };
}

/** One object after the other, some hundreds or thousands of them, each night at about the same time. */
function nightly({ at: { product, invoice, order, stock } }: Service, client: Client, random: Random, seed: number): Machine {
  const hour = random.between(0, 5) * HOUR;
  const calls = random.lognormal(...MACHINES.nightlyCalls);
  const gap = random.between(100, 900);
  const endpoint = random.pick([product, invoice, order, stock]);
  return (world, from, until) => {
    for (const at of ticks(from, until, DAY, hour)) {
      const work = new Random(seed, STREAM.machineWork, client.number, at / SECOND);
      let ts = at + work.between(0, 240) * SECOND;
      for (let count = Math.round(calls * work.lognormal(1, 0.15)); count > 0; count -= 1, ts += work.exponential(gap))
        world.call(ts, client, endpoint, work);
    }
  };
}

const monitor = (client: Client, seed: number): Machine => {
  return (world, from, until) => {
    for (const at of ticks(from, until, 30 * SECOND, 0))
      world.call(at, client, world.service.at.health, new Random(seed, STREAM.machineWork, client.number, at / SECOND));
  };
};

/** Reads the catalogue and old articles for some hours a day, at an even pace. */
function crawler(client: Client, random: Random, seed: number): Machine {
  const pace = random.between(2, 10) * SECOND;
  const opens = random.between(0, 24);
  const hours = random.between(2, 8);
  return (world, from, until) => {
    for (const at of ticks(from, until, pace, 0)) {
      if ((at / HOUR - opens + 24_000) % 24 > hours) continue;
      const work = new Random(seed, STREAM.machineWork, client.number, at / SECOND);
      const ts = at + work.between(0, pace / 2);
      const dead = work.chance(MACHINES.deadLinks);
      if (work.chance(0.3) || dead)
        world.send(ts, client, undefined, work, {
          path: dead ? `/blog/removed-${work.whole(0, 400)}` : `/blog/article-${work.whole(0, 300)}`,
          status: dead ? 404 : 200,
        });
      else {
        const { service } = world;
        const path = pathTo(service, service.at.product, work.whole(0, service.catalogue - 1), 0);
        world.call(ts, client, service.at.product, work, { path });
      }
    }
  };
}

/** The machine is unknown before its time. */
const since =
  (at: number, machine: Machine): Machine =>
  (world, from, until) => {
    if (until > world.start + at) machine(world, Math.max(from, world.start + at), until);
  };

export function machinesOf(service: Service, { seed, users, days, calmDays }: TrafficParameters): Machine[] {
  const many = Math.min(MACHINES.most, Math.max(MACHINES.least, Math.round(users * MACHINES.share)));
  const machines = Array.from({ length: many }, (_, number): Machine => {
    const random = new Random(seed, STREAM.machine, number);
    const client = clientOf(number, random);
    const sort = random.next();
    const make =
      sort < MACHINES.nightlyShare ? nightly : sort < MACHINES.nightlyShare + MACHINES.pollerShare ? poller : integration;
    const appearsAt = random.chance(MACHINES.newShare) ? random.between(Math.min(1, calmDays), days) * DAY : 0;
    return since(appearsAt, make(service, client, random, seed));
  });
  const bare = (neighbourhood: number, index: number, userAgent: string): Client => ({
    ip: addressOf(neighbourhood, index),
    userAgent,
    number: FIRST_NUMBER + 10_000 + index,
  });
  for (let index = 0; index < MACHINES.crawlers; index += 1) {
    const client = bare(NEIGHBOURHOOD.crawler, index, 'Mozilla/5.0 (compatible; SearchBot/2.1)');
    machines.push(crawler(client, new Random(seed, STREAM.machine, FIRST_NUMBER + index), seed));
  }
  machines.push(
    monitor(bare(NEIGHBOURHOOD.crawler, 90, 'uptime/3'), seed),
    monitor(bare(NEIGHBOURHOOD.crawler, 91, 'uptime/3'), seed),
  );
  return machines;
}
