/**
 * The decision feed: what bouncers need to know since the version that they hold, and the announcements over Redis that
 * wake who waits for it. PostgreSQL is the truth; an announcement may be lost, so a listener also looks there at times.
 */
import type { AllowList, DecisionAction, FeedDecision } from '@plimsoll/contracts';
import { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, lte, ne, or, sql } from 'drizzle-orm';
import type { Redis } from 'ioredis';
import { allowListIn } from './allow-list.js';
import { announce, listen } from './channel.js';
import type { Database, Transaction } from './database.js';
import { inForce, isEnforced, toDecision } from './decisions.js';
import { markOf } from './feed-marks.js';
import { decision, service } from './schema.js';

/** A delta spans at most this many versions, so that it stays a small message; the next one goes on from there. */
export const MAX_DELTA_VERSIONS = 250;
/** More in one delta would outgrow a frame, since one version may change many: then everything in force is given, which comes in parts. */
const MAX_DELTA_DECISIONS = 2_000;
/** Who is further behind gets everything in force instead. */
export const MAX_BEHIND_VERSIONS = 5_000;
/** Decisions in force that one service hands out: a bouncer holds no more. Blocks are kept before throttles, newer before older. */
export const MAX_ACTIVE_DECISIONS = 100_000;
const PAGE = 2_000;

export interface FeedAnnouncement {
  service: string;
  version: number;
}

/** `newest` is the service's version, which one delta may not reach; `mark` is that of `version`, see feed-marks.ts. */
export type FeedChange =
  /** What was decided or prolonged since `previous` and is in force, and the ids lifted since, up to `version`; the allow-list where it changed. */
  | {
      type: 'delta';
      previous: number;
      version: number;
      mark: string;
      newest: number;
      decisions: FeedDecision[];
      lifted: string[];
      allow?: AllowList;
    }
  /** No change can be told: everything in force is needed, see {@link feedSnapshot}. */
  | { type: 'gap'; newest: number };

/** The newest version of a service's decisions; undefined where there is no such service. */
export async function feedVersion(db: Database | Transaction, serviceId: string): Promise<number | undefined> {
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
 * The change from version `since`. A gap where that is absent, ahead of the service, of another mark than this one (a restored database)
 * or more than {@link MAX_BEHIND_VERSIONS} behind. The version is read first: what commits in between comes with the next delta, never
 * missed; a decision that changes again within a delta's range is told of by the later version alone.
 *
 * @param now milliseconds since the epoch.
 * @param mark of `since`, as its reader was told; without it the number must do.
 */
export async function feedSince(
  db: Database,
  serviceId: string,
  since: number | undefined,
  now: number,
  mark?: string,
): Promise<FeedChange> {
  const [row] = await db
    .select({ newest: service.feedVersion, allowVersion: service.allowVersion, settings: service.settings })
    .from(service)
    .where(eq(service.id, serviceId));
  const { newest, allowVersion, settings } = row ?? { newest: 0, allowVersion: 0, settings: undefined };
  if (since === undefined || since > newest || newest - since > MAX_BEHIND_VERSIONS) return { type: 'gap', newest };
  if (mark !== undefined && (await markOf(db, serviceId, since)) !== mark) return { type: 'gap', newest };
  const version = Math.min(newest, since + MAX_DELTA_VERSIONS);
  const allowed = allowVersion > since && allowVersion <= version ? { allow: allowListIn(settings) } : {};
  const change = {
    type: 'delta' as const,
    previous: since,
    version,
    mark: await markOf(db, serviceId, version),
    newest,
    ...allowed,
  };
  if (since === version) return { ...change, decisions: [], lifted: [] };
  const inRange = and(eq(decision.service, serviceId), gt(decision.version, since), lte(decision.version, version));
  const rows = await db
    .select()
    .from(decision)
    .where(and(inRange, isEnforced, or(inForce(now), isNotNull(decision.liftedAt))))
    .orderBy(decision.version)
    .limit(MAX_DELTA_DECISIONS + 1);
  if (rows.length > MAX_DELTA_DECISIONS) return { type: 'gap', newest };
  return {
    ...change,
    decisions: rows.filter((row) => row.liftedAt === null).map(forBouncer),
    lifted: rows.filter((row) => row.liftedAt !== null).map((row) => row.id),
  };
}

/**
 * Everything in force at one moment, handed to `take` in pages, oldest version first, so that a hundred thousand
 * decisions are never in memory as objects at once.
 *
 * @returns the version that they stand for with its mark, and the allow-list of that moment.
 */
export async function feedSnapshot(
  db: Database,
  serviceId: string,
  now: number,
  take: (decisions: FeedDecision[]) => void,
): Promise<{ version: number; mark: string; allow: AllowList }> {
  return db.transaction(
    async (tx) => {
      const [row] = await tx
        .select({ version: service.feedVersion, settings: service.settings })
        .from(service)
        .where(eq(service.id, serviceId));
      const version = row?.version ?? 0;
      const active = await activeCondition(tx, serviceId, now);
      for (let after: { version: number; id: string } | undefined; ; ) {
        const behind = after && sql`(${decision.version}, ${decision.id}) > (${after.version}, ${after.id})`;
        const rows = await tx
          .select()
          .from(decision)
          .where(and(active, behind))
          .orderBy(asc(decision.version), asc(decision.id))
          .limit(PAGE);
        if (rows.length > 0) take(rows.map(forBouncer));
        after = rows.at(-1);
        if (rows.length < PAGE) return { version, mark: await markOf(tx, serviceId, version), allow: allowListIn(row?.settings) };
      }
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** All in force; where that is too many, what is left when the oldest throttles and challenges have gone, then the oldest blocks. */
async function activeCondition(tx: Transaction, serviceId: string, now: number) {
  const active = and(eq(decision.service, serviceId), inForce(now));
  const counts = await tx
    .select({ action: decision.action, total: count() })
    .from(decision)
    .where(active)
    .groupBy(decision.action);
  const of = (action: DecisionAction) => counts.find((row) => row.action === action)?.total ?? 0;
  if (counts.reduce((sum, { total }) => sum + total, 0) <= MAX_ACTIVE_DECISIONS) return active;
  const isBlock = eq(decision.action, 'block');
  const onlyBlocks = of('block') >= MAX_ACTIVE_DECISIONS;
  const room = onlyBlocks ? MAX_ACTIVE_DECISIONS : MAX_ACTIVE_DECISIONS - of('block');
  const [oldest] = await tx
    .select({ version: decision.version })
    .from(decision)
    .where(and(active, onlyBlocks ? isBlock : ne(decision.action, 'block')))
    .orderBy(desc(decision.version))
    .offset(room - 1)
    .limit(1);
  const young = gte(decision.version, oldest?.version ?? 0);
  return and(active, onlyBlocks ? and(isBlock, young) : or(isBlock, young));
}

function forBouncer(row: typeof decision.$inferSelect): FeedDecision {
  const { id, version, subject, endpoint, rate, reason, until } = toDecision(row);
  const action = row.action as DecisionAction; // A step that only watches is not enforced.
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
