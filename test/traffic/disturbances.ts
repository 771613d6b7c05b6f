/**
 * What goes wrong without anybody meaning harm: an outage, a sale, a deploy, clients that retry what cannot succeed. They
 * are planned before the run, in its later days, away from each other.
 */
import { type Endpoint, SERVICE } from './catalogue.js';
import { DAY, DISTURBANCES, HOUR, MINUTE, SECOND } from './parameters.js';
import { carrierAddress, clientOf, personOf } from './people.js';
import { Random, STREAM } from './random.js';
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
    const endpoints = [SERVICE.orders, SERVICE.order, SERVICE.checkout, SERVICE.feed];
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
    world.deployAt = world.start + (Math.floor(days) - 1) * DAY + random.between(12.5, 14) * HOUR;
    note('deploy', world.deployAt, world.deployAt + DISTURBANCES.deploy.staleMinutes * MINUTE, []);
  }
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
  const endpoint = status === 401 ? SERVICE.notifications : SERVICE.write;
  const over = from + random.between(10, 90) * MINUTE;
  world.disturbances.push({ name: 'retry-loop', from, until: over, endpoints: [nameOf(endpoint)] });
  for (let ts = from + random.between(0, 60) * SECOND; ts < over; ts += gap * random.between(0.9, 1.1))
    world.send(ts, client, endpoint, random, { status });
}
