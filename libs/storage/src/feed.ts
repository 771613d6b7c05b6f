/**
 * The decision feed: what bouncers need to know since the version that they hold, and the announcements over Redis that
 * wake who waits for it. PostgreSQL is the truth; an announcement may be lost, so a listener also looks there at times.
 */
import type { Decision, Feed, FeedDecision } from '@plimsoll/contracts';
import { and, eq, gt, inArray, isNotNull, or } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import { announce, listen } from './channel.js';
import type { Database } from './database.js';
import { activeDecisions, inForce, toDecision } from './decisions.js';
import { decision, service } from './schema.js';

/** A delta spans at most this many versions; who is further behind gets everything in force instead. */
export const MAX_DELTA_VERSIONS = 5_000;

export interface FeedAnnouncement {
  service: string;
  version: number;
}

/** The newest version of a service's decisions; undefined where there is no such service. */
export async function feedVersion(db: Database, serviceId: string): Promise<number | undefined> {
  const [row] = await db.select({ version: service.feedVersion }).from(service).where(eq(service.id, serviceId));
  return row?.version;
}

/** The newest versions of several services, in one query. */
export async function feedVersions(db: Database, serviceIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db
    .select({ id: service.id, version: service.feedVersion })
    .from(service)
    .where(inArray(service.id, [...serviceIds]));
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/**
 * The change from version `since`: what was decided or prolonged since and is in force, and the ids lifted since. Full
 * where `since` is absent, 0, ahead of the service (another database) or more than {@link MAX_DELTA_VERSIONS} behind.
 * The version is read first: what commits in between is in the answer too and once more in the next one, never missed.
 *
 * @param now receiver's clock, milliseconds; handed out as `serverTime`.
 */
export async function feedSince(db: Database, serviceId: string, since: number | undefined, now: number): Promise<Feed> {
  const version = (await feedVersion(db, serviceId)) ?? 0;
  const answer = { version, full: false, serverTime: now, decisions: [], lifted: [] };
  if (since === undefined || since === 0 || since > version || version - since > MAX_DELTA_VERSIONS) {
    return { ...answer, full: true, decisions: (await activeDecisions(db, serviceId, now)).map(forBouncer) };
  }
  if (since === version) return answer;
  const rows = await db
    .select()
    .from(decision)
    .where(and(eq(decision.service, serviceId), gt(decision.version, since), or(inForce(now), isNotNull(decision.liftedAt))))
    .orderBy(decision.version);
  return {
    ...answer,
    decisions: rows.filter((row) => row.liftedAt === null).map((row) => forBouncer(toDecision(row))),
    lifted: rows.filter((row) => row.liftedAt !== null).map((row) => row.id),
  };
}

function forBouncer({ id, version, action, subject, endpoint, rate, reason, until }: Decision): FeedDecision {
  return { id, version, action, subject, endpoint, rate, reason, until };
}

const channelOf = (namespace: string) => `${namespace}:feed`;

/** Tells every listening process that a service's decisions have changed; call it after the commit. */
export async function announceFeed(redis: Redis, namespace: string, serviceId: string, version: number): Promise<void> {
  await announce(redis, channelOf(namespace), { service: serviceId, version } satisfies FeedAnnouncement);
}

/**
 * Calls `handler` on each announcement. `redis` must be a connection for subscriptions; it subscribes again by itself
 * after a reconnect. What is not an announcement is ignored.
 *
 * @returns a function that ends the subscription.
 */
export function subscribeFeed(
  redis: Redis,
  namespace: string,
  handler: (announcement: FeedAnnouncement) => void,
): Promise<() => Promise<void>> {
  return listen(redis, channelOf(namespace), (message) => {
    const { service: serviceId, version } = (message ?? {}) as Partial<Record<keyof FeedAnnouncement, unknown>>;
    if (typeof serviceId === 'string' && typeof version === 'number') handler({ service: serviceId, version });
  });
}
