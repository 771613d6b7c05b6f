/** A demo user floods one endpoint, nobody watches: how many requests are served before the first 429, against the learnt limit. */
import { type Console } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';
import { sleep, until } from './clock.js';

const LEARN_SECONDS = 90;
const FLOOD_SECONDS = 15;
const OTHERS = ['user-12', 'user-18', 'user-25', 'user-31'];

const statusOf = async (product: Product, user: string, path: string): Promise<number> => {
  const answer = await fetch(new URL(path, product.urls.demo), { headers: { authorization: `Bearer token-${user}` } });
  await answer.arrayBuffer();
  return answer.status;
};

async function floodBy(
  product: Product,
  user: string,
  perSecond: number,
): Promise<{ served: number; refused: number; othersRefused: number }> {
  let served = 0;
  let refused = 0;
  let othersRefused = 0;
  const end = Date.now() + FLOOD_SECONDS * 1000;
  const calls: Promise<void>[] = [];
  while (Date.now() < end) {
    calls.push(
      statusOf(product, user, '/products').then((status) => {
        if (status === 429) refused += 1;
        else if (refused === 0) served += 1;
      }),
    );
    if (calls.length % perSecond === 0) {
      for (const other of OTHERS)
        calls.push(
          statusOf(product, other, '/products').then((status) => {
            if (status === 429 || status === 403) othersRefused += 1;
          }),
        );
    }
    await sleep(1000 / perSecond);
  }
  await Promise.all(calls);
  return { served, refused, othersRefused };
}

export async function measureFlood(product: Product, console_: Console, perSecond = 20): Promise<Figure[]> {
  console.log(`flood: learning for ${LEARN_SECONDS} s, then ${perSecond} requests a second by one user`);
  await sleep(LEARN_SECONDS * 1000);
  const rounds = [];
  for (const user of ['user-07', 'user-15', 'user-22']) {
    const { served, refused, othersRefused } = await floodBy(product, user, perSecond);
    const alert = await until(
      async () => (await console_.call('alerts', { query: { service: 'demo', kind: 'rate', subject: user } })).items[0],
      `an alert about ${user}`,
    );
    console.log(
      `  ${user}: ${served} served before the first 429, ${refused} refused, others refused ${othersRefused}; learnt limit ${alert.limit} in ${alert.windowSeconds} s`,
    );
    rounds.push({ ratio: refused === 0 ? Number.POSITIVE_INFINITY : served / alert.limit, othersRefused });
  }
  return [
    figure(
      'requests served before the throttle, in learnt limits (worst of 3 floods)',
      Math.max(...rounds.map(({ ratio }) => ratio)),
      'x',
      3,
    ),
    figure(
      "other actors' requests refused during the floods",
      rounds.reduce((sum, round) => sum + round.othersRefused, 0),
      'requests',
      0,
    ),
  ];
}
