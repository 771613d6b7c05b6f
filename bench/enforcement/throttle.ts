/**
 * Whether throttles add up, on the running product: 1, 4 and 16 real SDK clients of as many services, each with actors under
 * throttles who ask for far more than they may, balanced by rank, by a rank that turns, and from one instance to another.
 * What was admitted is counted in every span of a minute, 5 s after the demand began.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Guard, plimsoll } from '@plimsoll/sdk';
import { announceFeed, createDecision, openDatabase, openRedis } from '@plimsoll/storage';
import { type Console, openConsole } from '../../test/setup/console.js';
import { type Product, startProduct } from '../../test/setup/product.js';
import { type Figure, figure } from '../report.js';

const TICK_MS = 5;
const SETTLING_MS = 5_000;
/** How many times its limit an actor asks for. */
const TIMES = 4;

interface Actor {
  id: string;
  /** A minute. */
  limit: number;
  /** Which instance its next request reaches, of so many. */
  next: (instances: number, seconds: number) => number;
}

/** Weights 1, 1/2, 1/3, ... by rank; the ranks move on by five instances each `turn` seconds. */
function byRank(turn: number) {
  return (instances: number, seconds: number): number => {
    const weights = Array.from({ length: instances }, (_, rank) => 1 / (rank + 1));
    let left = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
    const rank = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    return (Math.max(0, rank) + 5 * Math.floor(seconds / turn)) % instances;
  };
}
const hopping = (instances: number, seconds: number) => Math.floor(seconds * 4) % instances;

const balances = { skewed: byRank(3_600), turning: byRank(10), hopping };
const actors: Actor[] = Object.entries(balances).flatMap(([name, next]) =>
  [20, 60, 600].map((limit) => ({ id: `${name}-${limit}`, limit, next })),
);

class Fleet {
  private readonly admitted = new Map<string, number[]>(actors.map(({ id }) => [id, []]));

  constructor(
    readonly instances: number,
    private readonly guards: Guard[],
  ) {}

  static async open(product: Product, console: Console, instances: number): Promise<Fleet> {
    const service = `throttle-${instances}`;
    await console.call('createService', { body: { id: service } });
    const { secret } = await console.call('createKey', { params: { id: service }, body: { name: 'bench' } });
    const guards = Array.from({ length: instances }, (_, index) =>
      plimsoll({ url: product.urls.ingest, key: secret, instance: `api-${index}`, onError: () => undefined }),
    );
    const ready = await Promise.all(guards.map((guard) => guard.ready(30_000)));
    if (!ready.every(Boolean)) throw new Error('not every guard is ready');
    await throttleAll(product, service);
    while (guards.some((guard) => guard.stats().decisions < actors.length)) await pause(50);
    // Each knows how many there are: it is told within a second of their receipts.
    await pause(2_000);
    return new Fleet(instances, guards);
  }

  /** The requests of one tick; chance decides on parts of one. */
  tick(sinceMs: number): void {
    for (const { id, limit, next } of actors) {
      let due = (TIMES * limit * TICK_MS) / 60_000;
      for (; due > 0; due -= 1) {
        if (Math.random() >= due) continue;
        const guard = this.guards[next(this.instances, sinceMs / 1000)];
        if (guard?.check({ actor: id }).verdict === 'allow') this.admitted.get(id)?.push(sinceMs);
      }
    }
  }

  /** The most and the least in any span, for one actor. */
  extremes({ id }: Actor, spanMs: number, untilMs: number): { most: number; least: number } {
    const times = this.admitted.get(id) ?? [];
    const counts: number[] = [];
    for (let start = SETTLING_MS; start + spanMs <= untilMs; start += 100) {
      counts.push(times.filter((at) => at >= start && at < start + spanMs).length);
    }
    return { most: Math.max(...counts), least: Math.min(...counts) };
  }

  async close(): Promise<void> {
    const faults = this.guards.reduce((sum, guard) => sum + Object.values(guard.stats().faults).reduce((a, b) => a + b, 0), 0);
    if (faults > 0) globalThis.console.log(`  ${this.instances} instances: ${faults} faults of the SDKs`);
    await Promise.all(this.guards.map((guard) => guard.close(1_000)));
  }
}

async function throttleAll(product: Product, service: string): Promise<void> {
  const run = JSON.parse(readFileSync(join(product.data, 'run.json'), 'utf8'));
  const database = openDatabase(run.databaseUrl, { max: 1 });
  const redis = openRedis(run.redisUrl, 'bench');
  try {
    const now = Date.now();
    const always = {
      service,
      action: 'throttle' as const,
      endpoint: null,
      reason: 'bench',
      alertId: null,
      until: now + 3_600_000,
    };
    const origin = { type: 'person' as const, name: 'bench' };
    for (const { id, limit } of actors) {
      const rate = { requests: limit, windowSeconds: 60 };
      const draft = { ...always, origin, subject: { type: 'actor' as const, id }, rate };
      const { version } = await database.db.transaction((tx) => createDecision(tx, draft, now));
      await announceFeed(redis, 'plimsoll', service, version);
    }
  } finally {
    redis.disconnect();
    await database.close();
  }
}

export async function throttles(quick: boolean): Promise<Figure[]> {
  const product = await startProduct({ args: ['--no-demo'] });
  try {
    const console = await openConsole(product);
    const fleets: Fleet[] = [];
    for (const instances of [1, 4, 16]) fleets.push(await Fleet.open(product, console, instances));
    const spanMs = quick ? 15_000 : 60_000;
    const untilMs = SETTLING_MS + spanMs + (quick ? 5_000 : 55_000);
    const began = performance.now();
    for (let tick = 0; tick * TICK_MS < untilMs; tick += 1) {
      for (const fleet of fleets) fleet.tick(performance.now() - began);
      await pause(Math.max(0, (tick + 1) * TICK_MS - (performance.now() - began)));
    }
    const figures = fleets.flatMap((fleet) => tell(fleet, spanMs, untilMs));
    for (const fleet of fleets) await fleet.close();
    return figures;
  } finally {
    await product.stop();
  }
}

function tell(fleet: Fleet, spanMs: number, untilMs: number): Figure[] {
  let error = 0;
  let extra = 0;
  for (const actor of actors) {
    const { most, least } = fleet.extremes(actor, spanMs, untilMs);
    const due = (actor.limit * spanMs) / 60_000;
    console.log(
      `  ${fleet.instances} instances, ${actor.id} a minute: ${least} to ${most} in any ${spanMs / 1000} s (due ${due})`,
    );
    if (actor.limit < 60) extra = Math.max(extra, most - due);
    else error = Math.max(error, (100 * (most - due)) / due, (100 * (due - least)) / due);
  }
  const many = `${fleet.instances} instance${fleet.instances === 1 ? '' : 's'}`;
  return [
    figure(`throttle adds up, ${many}: limits of 60 and 600 a minute, worst error over any 60 s`, error, '%', 10),
    figure(`throttle adds up, ${many}: a limit of 20 a minute, most requests too many in any 60 s`, extra, '', 5),
  ];
}
