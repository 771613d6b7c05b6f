/** The product and `plimsoll replay` share every line of the model: an hour of logs raises the same alerts in both. */
import 'reflect-metadata';
import type { RequestLog } from '@plimsoll/contracts';
import { schema } from '@plimsoll/storage';
import { expect, inject, it } from 'vitest';
import { bruteForce, flood, probing } from '../../../test/scenarios/attacks.js';
import { HOUR, inOrder, MINUTE, ordinary, request, SECOND, START } from '../../../test/scenarios/traffic.js';
import { IngestServer } from '../../../test/setup/ingest-server.js';
import { replayed } from '../../../test/setup/replayed.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker } from './worker.js';

const SHARDS = 4;
/** Logs that arrive together: while something goes on as an SDK sends them, else in greater parts, to be done in time. */
const PART_MS = 2 * SECOND;
const CALM_PART_MS = 120 * SECOND;
/** Before the labelled hour two ordinary ones are learnt. */
const HISTORY_HOURS = 2;
const LABELLED = START + 9 * HOUR;
const at = (minute: number) => LABELLED + minute * MINUTE;
const ATTACKS = { from: at(46), until: at(54) };
/** Differences in time that do not count. */
const TOLERATED_MS = 5 * SECOND;

/** One account asks for everybody's orders; most are refused. */
const enumeration = (from: number, objects: number): RequestLog[] =>
  Array.from({ length: objects }, (_, n) =>
    request(from + n * 700, {
      route: '/orders/:id',
      path: `/orders/${5_000 + n}`,
      status: n % 5 === 0 ? 200 : 403,
      actor: 'person-7',
      ip: '203.0.0.7',
    }),
  );
/** One address after the other tries one password for one account each. */
const campaign = (from: number, addresses: number): RequestLog[] =>
  Array.from({ length: addresses }, (_, n) =>
    request(from + n * 300, {
      method: 'POST',
      route: '/login',
      path: '/login',
      status: 401,
      ip: `45.80.${n >> 6}.${n & 63}`,
      actor: `victim-${n}`,
      authenticated: false,
    }),
  );

function labelledHour(): RequestLog[] {
  return inOrder([
    ...ordinary(11, LABELLED - HISTORY_HOURS * HOUR, HISTORY_HOURS + 1, 30),
    ...flood(at(46), { actor: 'person-3', ip: '203.0.0.3' }, 10, 40),
    ...bruteForce(at(47), 40, 2_000),
    ...probing(at(49), 40, 1_000).map((log) => ({ ...log, ip: '45.77.1.9' })),
    ...enumeration(at(50), 80),
    ...campaign(at(52), 150),
  ]);
}

interface Opened {
  about: string;
  at: number;
}
/** The first opening of each: what opens again goes into the alert that is there. */
function firsts(opened: Opened[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { about, at } of opened) first.set(about, Math.min(at, first.get(about) ?? Number.POSITIVE_INFINITY));
  return first;
}

/** Requests, or what they left for other shards, are still under way. */
async function isBusy(stage: Stage): Promise<boolean> {
  if ((await stage.queue.backlog(0)).waiting > 0) return true;
  const { wait, active } = await stage.jobs();
  return wait + active > 0;
}

async function productAlerts(logs: readonly RequestLog[]): Promise<Map<string, number>> {
  // Each part is done before the next is sent, and the workers' clock goes on with what is done. Were some jobs left waiting, all of them
  // might be one shard's: half a minute of the attacks, by which an alert that counts what several shards tell opens later; and a
  // clock ahead of the logs closes what they are yet to count in. How often either happens would hang on the machine's load.
  const clock = { door: logs[0]?.ts ?? 0, workers: logs[0]?.ts ?? 0 };
  const now = () => clock.workers;
  const stage = await openStage({ shards: SHARDS, policy: 'monitor' });
  const env = { PLIMSOLL_NAMESPACE: stage.env.PLIMSOLL_NAMESPACE, PLIMSOLL_SHARDS: String(SHARDS) };
  const door = await IngestServer.start(
    { ...env, DATABASE_URL: stage.databaseUrl, REDIS_URL: inject('redisUrl') },
    { now: () => clock.door },
  );
  const workers = [await openWorker({ ...stage.context(), now }), await openWorker({ ...stage.context(), now })];
  try {
    for (let from = 0; from < logs.length; ) {
      let to = from;
      const start = logs[from]?.ts ?? 0;
      const calm = start < ATTACKS.from || start >= ATTACKS.until;
      const end = calm ? Math.min(start + CALM_PART_MS, start < ATTACKS.from ? ATTACKS.from : Infinity) : start + PART_MS;
      while (to < logs.length && (logs[to]?.ts ?? 0) < end) to += 1;
      const part = logs.slice(from, to);
      clock.door = part.at(-1)?.ts ?? clock.door;
      const { status } = await door.sendLogs(part.map(({ timing: _timing, verdict: _verdict, ...log }) => log));
      expect(status).toBe(202);
      while (await isBusy(stage)) await new Promise((resolve) => setTimeout(resolve, 5));
      clock.workers = clock.door;
      from = to;
    }
    expect(await stage.jobs()).toMatchObject({ wait: 0, active: 0, failed: 0 });
    expect(await stage.counted()).toBe(logs.length);
    const rows = await stage.db.select().from(schema.alert);
    return firsts(
      rows.map(({ kind, subjectType, subjectId, endpoint, firstAt }) => ({
        about: `${kind} ${subjectType} ${subjectId} ${endpoint}`,
        at: firstAt,
      })),
    );
  } finally {
    for (const worker of workers) await worker.close();
    await door.stop();
    await stage.close();
  }
}

it('a replay raises the alerts of the product, at the same time', async () => {
  const logs = labelledHour();
  const lines = await replayed(logs, 'shop');
  const replay = firsts(
    lines
      .filter(({ phase }) => phase === 'opened')
      .map(({ kind, subject, endpoint = '', ts }) => ({ about: `${kind} ${subject.type} ${subject.id} ${endpoint}`, at: ts })),
  );
  const product = await productAlerts(logs);
  const kinds = new Set([...replay.keys()].map((about) => about.split(' ', 1)[0]));
  for (const kind of ['rate', 'auth-failures', 'probing', 'enumeration', 'credential-stuffing']) expect(kinds).toContain(kind);
  expect([...product.keys()].sort()).toEqual([...replay.keys()].sort());
  const apart = [...replay].flatMap(([about, at]) => {
    const later = (product.get(about) ?? 0) - at;
    return Math.abs(later) > TOLERATED_MS ? [`${about}: ${later / SECOND} s later`] : [];
  });
  expect(apart).toEqual([]);
}, 180_000);
