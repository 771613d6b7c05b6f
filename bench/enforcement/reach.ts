/**
 * From the decision to each instance, on the running product: sixteen instances and a thousand decisions, then a thousand
 * instances on one ingest process. A decision is made as the worker and the console make it, by one transaction and an
 * announcement; the clock runs from before the transaction.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { announceFeed, createDecision, openDatabase, openRedis } from '@plimsoll/storage';
import { type Console, openConsole } from '../../test/setup/console.js';
import { type Product, startProduct } from '../../test/setup/product.js';
import { type Figure, figure, quantile, spread } from '../report.js';

interface Enforced {
  enforcedAt: number[][];
  faults: number;
}

class Stage {
  private readonly hosts: ChildProcess[] = [];

  private constructor(
    readonly product: Product,
    readonly service: string,
    private readonly key: string,
    private readonly database: ReturnType<typeof openDatabase>,
    private readonly redis: ReturnType<typeof openRedis>,
  ) {}

  static async open(product: Product, console: Console, service: string): Promise<Stage> {
    await console.call('createService', { body: { id: service, dryRun: false } });
    const { secret } = await console.call('createKey', { params: { id: service }, body: { name: 'bench' } });
    const run = JSON.parse(readFileSync(join(product.data, 'run.json'), 'utf8'));
    const database = openDatabase(run.databaseUrl, { max: 2 });
    return new Stage(product, service, secret, database, openRedis(run.redisUrl, 'bench'));
  }

  /** @param everyMs how often each guard is asked. */
  async connect(processes: number, guards: number, everyMs: number): Promise<void> {
    const script = fileURLToPath(new URL('reach-host.js', import.meta.url));
    for (let index = 0; index < processes; index += 1) {
      this.hosts.push(fork(script, [this.product.urls.ingest, this.key, String(guards), String(everyMs)]));
    }
    for (const host of this.hosts) {
      host.send('ready');
      const [{ ready }] = await once(host, 'message');
      if (!ready) throw new Error('not every guard is ready');
    }
  }

  /** Blocks `u<serial>`; the time at which it was begun. */
  async block(serial: number): Promise<number> {
    const at = Date.now();
    const draft = {
      service: this.service,
      action: 'block' as const,
      subject: { type: 'actor' as const, id: `u${serial}` },
      endpoint: null,
      rate: null,
      reason: `412 requests in 60 s on GET /orders/:id, where it usually makes at most 38`,
      origin: { type: 'person' as const, name: 'bench' },
      alertId: null,
      until: at + 3_600_000,
    };
    const { version } = await this.database.db.transaction((tx) => createDecision(tx, draft, at));
    await announceFeed(this.redis, 'plimsoll', this.service, version);
    return at;
  }

  /** Milliseconds from each decision to each guard. @throws where a guard has not enforced all. */
  async end(madeAt: readonly number[]): Promise<{ ms: number[][]; faults: number }> {
    const told: Enforced[] = [];
    for (const host of this.hosts) {
      host.send('end');
      told.push((await once(host, 'message'))[0] as Enforced);
    }
    const all = told.flatMap(({ enforcedAt }) => enforcedAt);
    if (all.some(({ length }) => length < madeAt.length)) throw new Error('a decision did not reach every instance');
    const ms = madeAt.map((at, index) => all.map((enforced) => (enforced[index] ?? Number.NaN) - at));
    return { ms, faults: told.reduce((sum, { faults }) => sum + faults, 0) };
  }

  async close(): Promise<void> {
    for (const host of this.hosts) host.kill();
    this.redis.disconnect();
    await this.database.close();
  }
}

/** Of the product's ingest process, MiB. Linux. */
function ingestMiB(product: Product): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (!command.includes('ingest/dist/main.js') || !status.includes(`PPid:\t${product.pid}\n`)) continue;
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error('the ingest process was not found');
}

async function sixteen(product: Product, console: Console, decisions: number): Promise<Figure[]> {
  const stage = await Stage.open(product, console, 'reach-16');
  try {
    await stage.connect(4, 4, 1);
    const madeAt: number[] = [];
    for (let serial = 1; serial <= decisions; serial += 1) {
      madeAt.push(await stage.block(serial));
      await pause(20);
    }
    await pause(1_000);
    const { ms, faults } = await stage.end(madeAt);
    globalThis.console.log(`  decision to enforced, 16 instances, ms: ${spread(ms.flat())}; faults of the SDKs: ${faults}`);
    return [
      figure('decision made to enforced, 16 instances, p99', quantile(ms.flat(), 0.99), 'ms', 250),
      figure('decision made to enforced, 16 instances, median', quantile(ms.flat(), 0.5), 'ms', 250),
    ];
  } finally {
    await stage.close();
  }
}

async function thousand(product: Product, console: Console, rounds: number, instances: number): Promise<Figure[]> {
  const stage = await Stage.open(product, console, 'reach-1000');
  try {
    const idle = ingestMiB(product);
    await stage.connect(4, instances / 4, 10);
    // Their first receipts are on the way: connecting is not what is measured.
    await pause(3_000);
    let most = ingestMiB(product);
    const madeAt: number[] = [];
    for (let serial = 1; serial <= rounds; serial += 1) {
      madeAt.push(await stage.block(serial));
      await pause(1_500);
      most = Math.max(most, ingestMiB(product));
    }
    const { items } = await console.call('instances', { params: { id: 'reach-1000' } });
    const { ms, faults } = await stage.end(madeAt);
    const last = ms.map((all) => Math.max(...all));
    globalThis.console.log(
      `  decision to the last of ${instances}, ms: ${spread(last)}; by round ${last.join(', ')}; faults of the SDKs: ${faults}`,
    );
    globalThis.console.log(
      `  ingest: ${idle.toFixed(0)} MiB idle, ${most.toFixed(0)} MiB at most; ${items.length} gave receipts`,
    );
    return [
      figure('1,000 connected instances: memory of ingest above idle', most - idle, 'MiB', 200),
      figure('1,000 connected instances: a decision reaches the last, worst of its rounds', Math.max(...last), 'ms', 1_000),
      figure('1,000 connected instances: receipts known to the console', items.length, '', instances, 'higher'),
    ];
  } finally {
    await stage.close();
  }
}

export async function reaches(quick: boolean): Promise<Figure[]> {
  const product = await startProduct({ args: ['--no-demo'] });
  try {
    const console = await openConsole(product);
    const first = await sixteen(product, console, quick ? 50 : 1_000);
    return [...first, ...(await thousand(product, console, quick ? 3 : 20, quick ? 200 : 1_000))];
  } finally {
    await product.stop();
  }
}
