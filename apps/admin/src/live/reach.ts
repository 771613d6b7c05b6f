/** How far the newest decision of a service has come, read anew: from PostgreSQL its version, from Redis the instances. */
import { type Instance, type Reach, reachOf } from '@plimsoll/contracts';
import { feedVersion, readInstances, versionMadeAt } from '@plimsoll/storage';
import type { Context } from '../context.js';

export interface ReachOfInstances {
  items: Instance[];
  reach: Reach;
  /** When that version was made; 0 where it is not known. */
  changedAt: number;
}

/** @param known the service's version, where the caller has read it for many at once. */
export async function readReach({ db, redis, env, now }: Context, service: string, known?: number): Promise<ReachOfInstances> {
  // The version first: an instance that takes a later one meanwhile enforces this one too.
  const version = known ?? (await feedVersion(db, service)) ?? 0;
  const changedAt = await versionMadeAt(db, service, version);
  const items = await readInstances(redis, env.PLIMSOLL_NAMESPACE, service, now());
  return { items, reach: reachOf(version, changedAt, items, now()), changedAt };
}
