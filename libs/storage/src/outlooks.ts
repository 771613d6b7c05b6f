/**
 * What the workers have learnt of one source, read from what they write behind: seconds old at most. It is asked for by name,
 * entity by entity, so that the size of a shard makes no difference; nothing of the shard is locked or changed.
 */
import type { Settings, SourceType } from '@plimsoll/contracts';
import {
  type KnownAccount,
  knownAccount,
  levelEntity,
  type Outlook,
  outlookKeys,
  outlooks,
  profileKey,
  rulesOf,
} from '@plimsoll/detection';
import type { Redis } from 'ioredis';
import { readBaselines } from './baselines.js';
import type { Database } from './database.js';
import { readPopulations } from './knowledge.js';
import { shard } from './schema.js';
import { shardOf, shardOfContribution } from './shards.js';
import { endpointNames } from './traffic-queries.js';

export interface SourceName {
  service: string;
  type: SourceType;
  id: string;
}

export interface LearntOf {
  baselines: Outlook[];
  known: KnownAccount | null;
  /** On the allow-list: nothing is raised of it. */
  allowed: boolean;
}

/** @param now milliseconds since the epoch. @param settings of the service */
export async function readOutlook(
  stores: { db: Database; redis: Redis; namespace: string },
  source: SourceName,
  { now, settings }: { now: number; settings: Settings },
): Promise<LearntOf> {
  const { db, redis, namespace } = stores;
  const rules = rulesOf(settings);
  const allowed = rules.allowsSubject(source.type, source.id);
  const shards = await db.$count(shard);
  if (shards === 0) return { baselines: [], known: null, allowed };
  const endpoints = await endpointNames(db, source.service);
  const keys = outlookKeys(source, endpoints);
  const profile = profileKey(source.service, source.type, source.id);
  const home = shardOf(source.service, source.id, shards);
  const [states, levels] = await Promise.all([
    readBaselines(redis, namespace, home, [...keys.pairs, ...keys.tolerances, ...keys.endpoints, profile]),
    readBaselines(redis, namespace, shardOfContribution(levelEntity(source.service), shards), keys.levels),
  ]);
  const stored = endpoints.flatMap((endpoint, index) => {
    const [state, tolerance, place] = [0, 1, 2].map((list) => states[list * endpoints.length + index]);
    return state === undefined ? [] : [{ endpoint, state, tolerance, place, level: levels[index] }];
  });
  const populations = await readPopulations(
    redis,
    namespace,
    source.service,
    stored.map(({ endpoint }) => endpoint),
  );
  const account = states.at(-1);
  return {
    baselines: outlooks(source, stored, populations, {
      second: Math.floor(now / 1000),
      sensitivityOf: (endpoint) => rules.about(source, endpoint).sensitivity,
    }),
    known: (account && knownAccount(account)) ?? null,
    allowed,
  };
}
