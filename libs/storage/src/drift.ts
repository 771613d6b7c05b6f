/**
 * How far what everybody does on an endpoint has moved since a day and a week ago: the baselines now against their dated copies. A copy
 * never changes and is megabytes: each process unpacks the one that it compares with once, and holds one number an endpoint of it.
 */
import type { BaselineDrift } from '@plimsoll/contracts';
import type { Population } from '@plimsoll/detection';
import { and, asc, eq, gte } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import { unpack } from './baseline-copies.js';
import type { Database } from './database.js';
import { readPopulations } from './knowledge.js';
import { baselineCopy } from './schema-backtest.js';
import { endpointNames } from './traffic-queries.js';

const WEEK_MS = 7 * 86_400_000;
/** Of a mean of fewer blocks nothing can be said. */
const LEAST_BLOCKS = 30;
/** Over a minute: long enough for a pace, short enough to be known within an hour. */
const WINDOW_SECONDS = 60;
const MOST = 50;
/** The row of a copy that all shards share. */
const SHARED = -1;

/**
 * Against the oldest copy of the last week.
 * @returns what has moved most first; empty where there is no copy yet
 */
export async function readDrift(
  db: Database,
  redis: Redis,
  { namespace, service, now }: { namespace: string; service: string; now: number },
): Promise<BaselineDrift[]> {
  const [copy] = await db
    .select({ takenAt: baselineCopy.takenAt })
    .from(baselineCopy)
    .where(and(eq(baselineCopy.shard, SHARED), gte(baselineCopy.takenAt, now - WEEK_MS)))
    .orderBy(asc(baselineCopy.takenAt))
    .limit(1);
  if (copy === undefined) return [];
  const before = (await meansAt(db, copy.takenAt)).get(service);
  if (before === undefined) return [];
  const present = await readPopulations(redis, namespace, service, await endpointNames(db, service));
  const drifts = present.flatMap((population): BaselineDrift[] => {
    const [was, is] = [before.get(population.endpoint), meanOf(population)];
    if (was === undefined || is === undefined) return [];
    return [{ endpoint: population.endpoint, windowSeconds: WINDOW_SECONDS, since: copy.takenAt, before: was, now: is }];
  });
  return drifts.sort((a, b) => distance(b) - distance(a)).slice(0, MOST);
}

/** Service -> endpoint -> mean. */
type Means = ReadonlyMap<string, ReadonlyMap<string, number>>;
/** Of each database the copy that was asked for last. */
const held = new WeakMap<Database, { takenAt: number; means: Promise<Means> }>();

function meansAt(db: Database, takenAt: number): Promise<Means> {
  const known = held.get(db);
  if (known?.takenAt === takenAt) return known.means;
  const means = readMeans(db, takenAt);
  held.set(db, { takenAt, means });
  means.catch(() => {
    if (held.get(db)?.means === means) held.delete(db);
  });
  return means;
}

async function readMeans(db: Database, takenAt: number): Promise<Means> {
  const [row] = await db
    .select({ bytes: baselineCopy.bytes })
    .from(baselineCopy)
    .where(and(eq(baselineCopy.shard, SHARED), eq(baselineCopy.takenAt, takenAt)));
  const means = new Map<string, Map<string, number>>();
  for (const population of row === undefined ? [] : ((await unpack(row.bytes)) as Population[])) {
    const mean = meanOf(population);
    if (mean === undefined) continue;
    const ofService = means.get(population.service) ?? new Map<string, number>();
    means.set(population.service, ofService.set(population.endpoint, mean));
  }
  return means;
}

function meanOf({ statistics }: Population): number | undefined {
  const known = statistics.find(({ windowSeconds }) => windowSeconds === WINDOW_SECONDS);
  return known && known.blocks >= LEAST_BLOCKS && known.mean > 0 ? known.mean : undefined;
}

const distance = ({ before, now }: BaselineDrift) => Math.abs(Math.log(now / before));
