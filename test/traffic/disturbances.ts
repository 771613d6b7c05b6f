/**
 * What goes wrong without anybody meaning harm: an outage, a sale, a deploy, clients that retry what cannot succeed. They
 * are planned before the run, in its later days, away from each other.
 */
import { type Endpoint, pathOf } from './catalogue.js';
import type { Machine } from './machines.js';
import { DAY, DISTURBANCES, HOUR, MINUTE, SECOND } from './parameters.js';
import { carrierAddress, clientOf, personOf } from './people.js';
import { Random, STREAM } from './random.js';
import { addressOf, NEIGHBOURHOOD } from './wire.js';
import type { Disturbance, World } from './world.js';

export const nameOf = ({ method, route }: Pick<Endpoint, 'method' | 'route'>) => `${method} ${route}`;

/** Plans the outages, sales and the deploy of the run. */
export function plan(world: World): void {
  const { seed, days } = world.parameters;
  const random = new Random(seed, STREAM.disturbance);
  const note = (name: Disturbance['name'], from: number, until: number, endpoints: string[]) =>
    world.disturbances.push({ name, from, until, endpoints });
  for (let day = 0; day < days; day += 1) {
    const midnight = world.start + day * DAY;
    const { minutes, errorShare } = DISTURBANCES.outage;
    const from = midnight + random.between(8, 12) * HOUR;
    const until = from + random.between(...minutes) * MINUTE;
    const endpoints = [world.service.at.orders, world.service.at.order, world.service.at.checkout, world.service.at.feed];
    if (day % 2 === 1) {
      world.faults.push({ endpoints, from, until, errorShare, slowness: 5 });
      note('outage', from, until, endpoints.map(nameOf));
    } else if (day > 0) {
      const sale = midnight + random.between(13, 20) * HOUR;
      const over = sale + random.between(...DISTURBANCES.sale.minutes) * MINUTE;
      world.surges.push({ from: sale, until: over, factor: DISTURBANCES.sale.factor });
      note('sale', sale, over + HOUR, []);
    }
  }
  if (days > 1) {
    const last = world.start + (Math.floor(days) - 1) * DAY;
    world.expiry = { from: last + 7 * HOUR, until: last + (7 + DISTURBANCES.expiry.hours) * HOUR };
    note('expiry', world.expiry.from, world.expiry.until, []);
    const from = last + random.between(16, 21) * HOUR;
    world.release = { from, until: from + random.between(...DISTURBANCES.release.minutes) * MINUTE };
    note('release', from, world.release.until, [nameOf(world.service.at.feed)]);
    world.deployAt = world.start + (Math.floor(days) - 1) * DAY + random.between(12.5, 14) * HOUR;
    note('deploy', world.deployAt, world.deployAt + DISTURBANCES.deploy.staleMinutes * MINUTE, []);
  }
}

/** A partner brings what it has: one unknown client, an even stream of large requests for a day and night. */
export function importOf(world: World): Machine {
  const { seed, days } = world.parameters;
  const { rows, rowsPerRequest, atOnce } = DISTURBANCES.import;
  const random = new Random(seed, STREAM.disturbance, 1);
  const client = {
    actor: 'partner-import',
    ip: addressOf(NEIGHBOURHOOD.machine, 60_000),
    userAgent: 'Java-http-client/25',
    credential: 'key-partner-import',
    number: 260_000,
  };
  const gap = DAY / (rows / random.between(...rowsPerRequest));
  const begin = world.start + random.between(0.3, 0.8) * days * DAY;
  world.disturbances.push({ name: 'import', from: begin, until: begin + DAY, endpoints: [nameOf(world.service.at.putStock)] });
  return (_, from, until) => {
    for (let at = Math.max(from, begin); at < Math.min(until, begin + DAY); at += gap * atOnce * random.between(0.7, 1.3))
      for (let worker = 0; worker < atOnce; worker += 1)
        world.call(at + random.between(0, gap), client, world.service.at.putStock, random, {
          durationMs: random.lognormal(gap / 2, 0.3),
        });
  };
}

/** Clients that retry what cannot succeed, between two times. */
export function retryLoops(world: World, from: number, until: number): void {
  const { parameters } = world;
  const { seed, users } = parameters;
  const random = new Random(seed, STREAM.disturbance, from / SECOND);
  const aDay = 1 + users / DISTURBANCES.usersPerRetryLoop;
  if (!random.chance((aDay * (until - from)) / DAY)) return;
  const person = personOf(parameters, random.whole(0, users - 1));
  const client = { ...clientOf(person, parameters, random, true, 0), ip: carrierAddress(random, users) };
  const status = random.pick([401, 401, 409, 500]);
  const gap = random.between(3, 12) * SECOND;
  const endpoint = status === 401 ? world.service.at.notifications : world.service.at.write;
  const over = from + random.between(10, 90) * MINUTE;
  world.disturbances.push({ name: 'retry-loop', from, until: over, endpoints: [nameOf(endpoint)] });
  const path = pathOf(world.service, endpoint, random, client.number); // The same call, again and again.
  for (let ts = from + random.between(0, 60) * SECOND; ts < over; ts += gap * random.between(0.9, 1.1))
    world.send(ts, client, endpoint, random, { status, path });
}
