/**
 * ClickHouse silent for ten minutes under load (its process is stopped by a signal, so that calls hang instead of being
 * refused): detection keeps up, attackers are refused in the host as before, the buffer stays within its bound, what is lost
 * is counted as a gap, the rest is caught up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Guard, plimsoll } from '@plimsoll/sdk';
import { updateService } from '@plimsoll/storage';
import { type Figure, figure, quantile, spread } from '../report.js';
import { findBelow, memoryOf } from './engine.js';
import { type Loaded, startLoaded } from './load.js';

const BATCH = 100;
const BATCHES_A_SECOND = 5;
const BUFFER_MIB = 4;
const CAUGHT_UP_WITHIN_MS = 120_000;
const REFUSED_WITHIN_MS = 30_000;
/** Attacks before ClickHouse is silent; as many are spread over the time in which it is. */
const ATTACKS = 10;
const BEFORE_MS = 40_000;

/** Milliseconds from the last request of an attack, sent now, until the guard of a host refuses its address. */
async function refusedAfter(loaded: Loaded, guard: Guard, ip: string, sent: Set<string>): Promise<number> {
  const begun = Date.now();
  for (const id of await loaded.probe(ip)) sent.add(id);
  while (guard.check({ ip, method: 'GET', path: '/old-0/setup.php' }).verdict === 'allow') {
    if (Date.now() - begun > REFUSED_WITHIN_MS) throw new Error(`${ip} is not refused after ${REFUSED_WITHIN_MS / 1_000} s`);
    await sleep(5);
  }
  return Date.now() - begun;
}

interface Parts {
  loaded: Loaded;
  guard: Guard;
  /** Process id. */
  worker: number;
  /** Ids of all that was answered 202. */
  sent: Set<string>;
}
interface Borne {
  /** Milliseconds of each attack, as {@link refusedAfter} says. */
  refused: number[];
  /** Milliseconds until all that was sent is counted, at worst. */
  slowest: number;
  /** Of the worker, at most, MiB. */
  memory: number;
}

/** Traffic for so long, with ten attacks spread over it, from addresses that begin at `first`. */
async function underLoad(parts: Parts, { name, forMs, first }: { name: string; forMs: number; first: number }): Promise<Borne> {
  const { loaded, guard, worker, sent } = parts;
  const borne: Borne = { refused: [], slowest: 0, memory: 0 };
  const { refused } = borne;
  const begun = Date.now();
  for (let batch = 0; Date.now() < begun + forMs || refused.length < ATTACKS; batch += 1) {
    for (const id of await loaded.send(BATCH, `${name}${batch}`)) sent.add(id);
    await sleep(1_000 / BATCHES_A_SECOND);
    if (Date.now() - begun > (forMs * refused.length) / ATTACKS && refused.length < ATTACKS) {
      refused.push(await refusedAfter(loaded, guard, `203.0.113.${first + refused.length}`, sent));
    }
    if (batch % 50 !== 49) continue;
    const waited = Date.now();
    while ((await loaded.counted()) < sent.size) await sleep(50);
    borne.slowest = Math.max(borne.slowest, Date.now() - waited);
    borne.memory = Math.max(borne.memory, memoryOf(worker));
  }
  return borne;
}

export async function measureAway(quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 60 : 600;
  const loaded = await startLoaded([], { PLIMSOLL_HISTORY_BUFFER: String(BUFFER_MIB) });
  const server = findBelow(loaded.product.pid, /history-server/);
  const worker = findBelow(loaded.product.pid, /worker\/dist/);
  await updateService(loaded.db, 'demo', { policy: 'block' });
  const guard = plimsoll({ url: loaded.product.urls.ingest, key: loaded.key, onError: () => undefined });
  try {
    if (!(await guard.ready(30_000))) throw new Error('the guard heard nothing of the feed');
    const sent = new Set(await loaded.send(BATCH, 'before'));
    if (sent.size === 0) throw new Error('ingestion took nothing');
    while ((await loaded.kept().catch(() => new Map())).size < sent.size) await sleep(500);
    const load = (name: string, forMs: number, first: number) =>
      underLoad({ loaded, guard, worker, sent }, { name, forMs, first });
    await load('warm', BEFORE_MS, 50); // Workers read a service's policy every two seconds, and the first attacks compile.
    const before = await load('b', BEFORE_MS, 0);
    const memoryBefore = memoryOf(worker);
    process.kill(server, 'SIGSTOP');
    const silent = await load('a', seconds * 1_000, 100);
    const away = await loaded.lost();
    process.kill(server, 'SIGCONT');
    const until = Date.now() + CAUGHT_UP_WITHIN_MS;
    let kept = await loaded.kept().catch(() => new Map<string, number>());
    while (kept.size + (await loaded.lost()) < sent.size && Date.now() < until) {
      await sleep(1_000);
      kept = await loaded.kept().catch(() => kept);
    }
    const lost = await loaded.lost();
    console.log(
      `away: ${sent.size} sent in ${seconds} s, ${kept.size} kept, ${lost} counted as lost (${away} before it came back)`,
    );
    console.log(`  attack to refused in the host: before ${spread(before.refused)} ms, away ${spread(silent.refused)} ms`);
    const name = `ClickHouse silent for ${seconds / 60} minutes under load`;
    return [
      figure(`${name}: slowest count of what was sent`, silent.slowest / 1_000, 's', 5),
      figure(`${name}: attack sent to refused in the host, slowest of ${ATTACKS}`, Math.max(...silent.refused), 'ms', 1_000),
      figure(
        `${name}: median of that against before`,
        quantile(silent.refused, 0.5) / Math.max(1, quantile(before.refused, 0.5)),
        'x',
        1.5,
      ),
      figure(`${name}: memory of the worker above its memory before`, silent.memory - memoryBefore, 'MiB', 20 * BUFFER_MIB),
      figure(`${name}: logs neither kept nor counted as lost`, sent.size - kept.size - lost, 'logs', 0),
      figure(`${name}: logs doubled`, [...kept.values()].filter((count) => count > 1).length, 'logs', 0),
    ];
  } finally {
    process.kill(server, 'SIGCONT');
    await guard.close();
    await loaded.stop();
  }
}
