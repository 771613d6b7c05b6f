/**
 * The tables. Truth lies here: people, sessions, alerts, decisions, policies, audit; and per batch, in one transaction,
 * everything that must happen exactly once. Times are bigint milliseconds since the epoch, as on the wire.
 */
import type { AlertPoint, Evidence, Origin, Parties, RateLimit, RequestLog, Settings, Signal } from '@plimsoll/contracts';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { triageColumns, triageIndexes } from './alert-columns.js';

const ms = (name: string) => bigint(name, { mode: 'number' });

export const service = pgTable('service', {
  id: text('id').primaryKey(),
  environment: text('environment').notNull().default('production'),
  team: text('team').notNull().default('default'),
  policy: text('policy').notNull().default('monitor'),
  dryRun: boolean('dry_run').notNull().default(false),
  settings: jsonb('settings').$type<Settings>().notNull(),
  /** Days for which its request logs are kept; null: as the installation says. */
  historyDays: integer('history_days'),
  /** Version of the newest decision; taken with the row lock, so that versions appear in commit order. */
  feedVersion: bigint('feed_version', { mode: 'number' }).notNull().default(0),
  /** The version in which the allow-list of the settings changed last. */
  allowVersion: bigint('allow_version', { mode: 'number' }).notNull().default(0),
  createdAt: ms('created_at').notNull(),
});

export const serviceKey = pgTable(
  'service_key',
  {
    id: text('id').primaryKey(),
    service: text('service')
      .notNull()
      .references(() => service.id),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    /** SHA-256 of the secret, base64url. */
    hash: text('hash').notNull(),
    scopes: text('scopes').array().notNull().default(['ingest:write', 'decisions:read']),
    requireSigned: boolean('require_signed').notNull().default(false),
    createdAt: ms('created_at').notNull(),
    lastUsedAt: ms('last_used_at'),
    revokedAt: ms('revoked_at'),
    expiresAt: ms('expires_at'),
  },
  (table) => [uniqueIndex('service_key_prefix').on(table.prefix)],
);

export const person = pgTable('person', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  role: text('role').notNull(),
  /** For the access policy; what is absent stands for every team. */
  attributes: jsonb('attributes').$type<object>().notNull().default({}),
  /** Raised to end every session of the person. */
  tokenVersion: integer('token_version').notNull().default(1),
  createdAt: ms('created_at').notNull(),
});

/** One-time sign-in links; only the hash of the token is kept. */
export const signInLink = pgTable('sign_in_link', {
  hash: text('hash').primaryKey(),
  personId: text('person_id')
    .notNull()
    .references(() => person.id),
  /** sign-in, invitation, reset */
  purpose: text('purpose').notNull().default('sign-in'),
  createdAt: ms('created_at').notNull(),
  expiresAt: ms('expires_at').notNull(),
  usedAt: ms('used_at'),
});

/** A session is a family of refresh tokens; its row lock orders rotation, reuse and revocation. */
export const session = pgTable('session', {
  id: text('id').primaryKey(),
  personId: text('person_id')
    .notNull()
    .references(() => person.id),
  userAgent: text('user_agent').notNull(),
  /** Whence it was used last. */
  address: text('address').notNull().default(''),
  createdAt: ms('created_at').notNull(),
  lastUsedAt: ms('last_used_at').notNull(),
  /** Absolute end; rotation never moves it. */
  expiresAt: ms('expires_at').notNull(),
  revokedAt: ms('revoked_at'),
  revokedReason: text('revoked_reason'),
  /** RFC 7638 thumbprint of the browser's key; empty in rows older than the column, which no proof matches. */
  jkt: text('jkt').notNull().default(''),
  /** How the person signed in or proved presence last: link, passkey, recovery. */
  amr: text('amr').notNull().default('link'),
  /** What that is worth: aal1, aal2. */
  acr: text('acr').notNull().default('aal1'),
  /** When that was. */
  authAt: ms('auth_at').notNull().default(0),
  /** Highest count that a refresh of this session came with: the browser counts them, and a copy of it counts anew. */
  refreshes: ms('refreshes').notNull().default(0),
});

export const refreshToken = pgTable(
  'refresh_token',
  {
    /** SHA-256 of the token, base64url. */
    hash: text('hash').primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .references(() => session.id),
    generation: integer('generation').notNull(),
    createdAt: ms('created_at').notNull(),
    rotatedAt: ms('rotated_at'),
    /** The successor, encrypted under a key derived from the presented token: an idempotent retry gets the same one. */
    successor: text('successor'),
  },
  (table) => [uniqueIndex('refresh_token_generation').on(table.sessionId, table.generation)],
);

export const alert = pgTable(
  'alert',
  {
    id: text('id').primaryKey(),
    service: text('service')
      .notNull()
      .references(() => service.id),
    kind: text('kind').notNull(),
    severity: text('severity').notNull(),
    score: doublePrecision('score').notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    /** Empty where the alert is not about one endpoint. */
    endpoint: text('endpoint').notNull(),
    observed: doublePrecision('observed').notNull(),
    expected: doublePrecision('expected').notNull(),
    limit: doublePrecision('limit').notNull(),
    unit: text('unit').notNull(),
    windowSeconds: doublePrecision('window_seconds').notNull(),
    /** At its worst: the distance from what was expected, in distances of the limit. */
    reach: doublePrecision('reach').notNull().default(1),
    evidence: jsonb('evidence').$type<Evidence>().notNull(),
    explanation: text('explanation').notNull(),
    signals: jsonb('signals').$type<Signal[]>().notNull(),
    points: jsonb('points').$type<AlertPoint[]>().notNull(),
    actors: jsonb('actors').$type<Parties>().notNull().default({ items: [], total: 0 }),
    addresses: jsonb('addresses').$type<Parties>().notNull().default({ items: [], total: 0 }),
    state: text('state').notNull().default('open'),
    verdict: text('verdict'),
    historical: boolean('historical').notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    /** The episode that goes on or was the last, by the id of the log that opened it. */
    episode: text('episode').notNull().default(''),
    /** Of `count`, the requests of that episode: the model counts each episode anew. */
    episodeCount: bigint('episode_count', { mode: 'number' }).notNull(),
    firstAt: ms('first_at').notNull(),
    lastAt: ms('last_at').notNull(),
    endedAt: ms('ended_at'),
    acknowledgedAt: ms('acknowledged_at'),
    acknowledgedBy: text('acknowledged_by'),
    resolvedAt: ms('resolved_at'),
    resolvedBy: text('resolved_by'),
    /** When the verdict was put on its way to the models; null until then. */
    heededAt: ms('heeded_at'),
    note: text('note'),
    /** When its actor last proved itself to the host since it opened. */
    provedAt: ms('proved_at'),
    /** Whether the host vouched for the subject: what is only claimed burdens nobody. False in rows older than the column. */
    verified: boolean('verified').notNull().default(false),
    ...triageColumns,
  },
  (table) => [
    uniqueIndex('alert_unresolved')
      .on(table.service, table.kind, table.subjectType, table.subjectId, table.endpoint)
      .where(sql`state <> 'resolved'`),
    index('alert_latest').on(table.lastAt.desc(), table.id),
    index('alert_subject').on(table.service, table.subjectType, table.subjectId),
    index('alert_state_latest').on(table.state, table.lastAt.desc(), table.id),
    index('alert_unheeded').on(table.resolvedAt).where(sql`resolved_at is not null and heeded_at is null`),
    index('alert_opened').on(table.firstAt),
    index('alert_judged').on(table.resolvedAt).where(sql`verdict is not null`),
    ...triageIndexes(table),
  ],
);

/** The last requests that led to an alert, at most 100 of each. */
export const alertRequest = pgTable(
  'alert_request',
  {
    alertId: text('alert_id')
      .notNull()
      .references(() => alert.id, { onDelete: 'cascade' }),
    logId: text('log_id').notNull(),
    ts: ms('ts').notNull(),
    endpoint: text('endpoint').notNull(),
    log: jsonb('log').$type<RequestLog>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.alertId, table.logId] }), index('alert_request_latest').on(table.alertId, table.ts)],
);

export const decision = pgTable(
  'decision',
  {
    id: text('id').primaryKey(),
    service: text('service')
      .notNull()
      .references(() => service.id),
    version: bigint('version', { mode: 'number' }).notNull(),
    /** enforced, dry-run, pending */
    mode: text('mode').notNull().default('enforced'),
    action: text('action').notNull(),
    seconds: integer('seconds').notNull().default(0),
    weight: integer('weight').notNull().default(1),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    endpoint: text('endpoint').notNull().default(''),
    rate: jsonb('rate').$type<RateLimit>(),
    reason: text('reason').notNull(),
    origin: jsonb('origin').$type<Origin>().notNull(),
    alertId: text('alert_id'),
    createdAt: ms('created_at').notNull(),
    until: ms('until').notNull(),
    /** When it took its present version; 0 in rows older than the column. */
    changedAt: ms('changed_at').notNull().default(0),
    liftedAt: ms('lifted_at'),
    liftedBy: text('lifted_by'),
    /** When its actor proved itself, which lifted it. */
    provedAt: ms('proved_at'),
  },
  (table) => [
    index('decision_feed').on(table.service, table.version),
    index('decision_subject').on(table.service, table.subjectType, table.subjectId),
    index('decision_latest').on(table.createdAt.desc(), table.id),
    index('decision_unenforced').on(table.service, table.createdAt).where(sql`mode <> 'enforced'`),
  ],
);

/** Minute roll-ups of traffic for the charts. */
export const trafficMinute = pgTable(
  'traffic_minute',
  {
    service: text('service').notNull(),
    endpoint: text('endpoint').notNull(),
    /** Start of the minute, milliseconds. */
    minute: ms('minute').notNull(),
    requests: bigint('requests', { mode: 'number' }).notNull(),
    errors: bigint('errors', { mode: 'number' }).notNull(),
    clientErrors: bigint('client_errors', { mode: 'number' }).notNull(),
    throttled: bigint('throttled', { mode: 'number' }).notNull(),
    blocked: bigint('blocked', { mode: 'number' }).notNull(),
    durationMs: doublePrecision('duration_ms').notNull(),
    bytesOut: bigint('bytes_out', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.service, table.endpoint, table.minute] }),
    index('traffic_minute_time').on(table.minute),
    index('traffic_minute_service').on(table.service, table.minute),
  ],
);

/** Who works on a shard. `generation` fences a late worker off; `seq` counts its committed batches. */
export const shard = pgTable('shard', {
  id: integer('id').primaryKey(),
  owner: text('owner'),
  generation: bigint('generation', { mode: 'number' }).notNull().default(0),
  leaseUntil: ms('lease_until').notNull().default(0),
  seq: bigint('seq', { mode: 'number' }).notNull().default(0),
});

/** Committed batches: a job that is delivered again finds itself here. */
export const batch = pgTable(
  'batch',
  {
    /** The BullMQ job's id. */
    id: text('id').primaryKey(),
    shard: integer('shard').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** Indexes of logs left out as already counted in another batch. */
    skipped: integer('skipped').array().notNull(),
    committedAt: ms('committed_at').notNull(),
  },
  (table) => [index('batch_replay').on(table.shard, table.seq), index('batch_age').on(table.committedAt)],
);

export { audit } from './schema-audit.js';
