/** 2,000 logs a second for a minute while worker and ingest are killed: every log answered 202 is counted exactly once. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type Console } from '../../test/setup/console.js';
import type { Product } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';
import { sleep, until } from './clock.js';

const SECONDS = 60;
const BATCH = 200;
const BATCHES_A_SECOND = 10;
const KILLS = 10;
const SERVICE = 'kill';

function logs(now: number): object[] {
  return Array.from({ length: BATCH }, (_, index) => ({
    id: randomUUID(),
    ts: now,
    method: 'GET',
    route: `/things/:id/part-${index % 10}`,
    path: `/things/${index}/part-${index % 10}`,
    status: 200,
    durationMs: 5,
    bytesOut: 100,
    ip: `198.51.100.${index % 250}`,
    actor: `actor-${index % 97}`,
    authenticated: true,
  }));
}

/** Sends one batch until it is answered 202, with the same batch id, as the SDK does. */
async function deliver(product: Product, key: string): Promise<number> {
  const body = JSON.stringify({ requests: logs(Date.now()) });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'plimsoll-batch': randomUUID() };
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      const answer = await fetch(new URL('/v1/requests', product.urls.ingest), {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(5000),
      });
      const text = await answer.text();
      if (answer.status === 202) return JSON.parse(text).accepted;
      if (answer.status < 500 && answer.status !== 429) throw new Error(`refused for good: ${answer.status} ${text}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('refused')) throw error;
    }
    await sleep(100 + Math.random() * 200);
  }
  throw new Error('a batch was never taken');
}

/** Process ids of the product's own child that runs apps/NAME. */
function childPid(product: Product, name: string): number | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(product.pid)], { encoding: 'utf8' });
  const line = stdout.split('\n').find((text) => text.includes(`${name}/dist/main.js`));
  return line ? Number.parseInt(line, 10) : undefined;
}

const counted = async (console_: Console): Promise<number> => {
  const { points } = await console_.call('traffic', { query: { service: SERVICE, minutes: 120 } });
  return points.reduce((sum, point) => sum + point.requests, 0);
};

export async function measureKills(product: Product, console_: Console): Promise<Figure[]> {
  await console_.call('createService', { body: { id: SERVICE, policy: 'monitor' } });
  const { secret } = await console_.call('createKey', { params: { id: SERVICE }, body: { name: 'bench' } });
  let kills = 0;
  const killer = (async () => {
    for (let round = 0; round < KILLS; round += 1) {
      await sleep((SECONDS * 1000) / (KILLS + 1));
      const pid = childPid(product, round % 2 === 0 ? 'worker' : 'ingest');
      if (pid === undefined) continue;
      process.kill(pid, 'SIGKILL');
      kills += 1;
    }
  })();
  const deliveries: Promise<number>[] = [];
  const started = Date.now();
  for (let batch = 0; batch < SECONDS * BATCHES_A_SECOND; batch += 1) {
    deliveries.push(deliver(product, secret));
    await sleep(Math.max(0, started + ((batch + 1) * 1000) / BATCHES_A_SECOND - Date.now()));
  }
  const accepted = (await Promise.all(deliveries)).reduce((sum, count) => sum + count, 0);
  await killer;
  await until(
    async () => ((await counted(console_)) >= accepted ? true : undefined),
    'all accepted logs counted',
    120,
    500,
  ).catch(() => undefined);
  await sleep(5000); // Room for a double count to show.
  const total = await counted(console_);
  console.log(`kill: ${kills} kills, ${accepted} logs answered 202, ${total} counted`);
  return [
    figure(
      'logs answered 202 and not counted, worker and ingest killed 10 times in 60 s at 2,000 logs/s',
      Math.max(0, accepted - total),
      'logs',
      0,
    ),
    figure('logs counted twice in the same run', Math.max(0, total - accepted), 'logs', 0),
  ];
}
