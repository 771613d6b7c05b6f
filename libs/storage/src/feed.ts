/**
 * The decision feed: what bouncers need to know since the version that they hold, and the announcements over Redis that
 * wake who waits for it. PostgreSQL is the truth; an announcement may be lost, so a listener also looks there at times.
 */
import type { Decision, Feed, FeedDecision } from '@plimsoll/contracts';
import { and, eq, gt, or } from 'drizzle-orm';
import type { Redis } from 'ioredis';
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
    .where(and(eq(decision.service, serviceId), gt(decision.version, since), or(inForce(now), gt(decision.liftedAt, 0))))
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
  await redis.publish(channelOf(namespace), JSON.stringify({ service: serviceId, version } satisfies FeedAnnouncement));
}

/**
 * Calls `handler` on each announcement. `redis` must be a connection for subscriptions; it subscribes again by itself
 * after a reconnect. What is not an announcement is ignored.
 *
 * @returns a function that ends the subscription.
 */
export async function subscribeFeed(
  redis: Redis,
  namespace: string,
  handler: (announcement: FeedAnnouncement) => void,
): Promise<() => Promise<void>> {
  const channel = channelOf(namespace);
  const onMessage = (from: string, text: string) => {
    const announcement = from === channel ? parseAnnouncement(text) : undefined;
    if (announcement !== undefined) handler(announcement);
  };
  redis.on('message', onMessage);
  await redis.subscribe(channel);
  return async () => {
    redis.off('message', onMessage);
    await redis.unsubscribe(channel);
  };
}

function parseAnnouncement(text: string): FeedAnnouncement | undefined {
  try {
    const { service: serviceId, version } = JSON.parse(text) as Partial<FeedAnnouncement>;
    if (typeof serviceId === 'string' && Number.isSafeInteger(version)) return { service: serviceId, version: version as number };
  } catch {
    // Not JSON: somebody else's message.
  }
  return undefined;
}
