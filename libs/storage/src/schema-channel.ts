/** Tables of the channel between SDKs and the server: the keys that sign tokens and the feed, and proofs that hosts report. */
import { bigint, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { service } from './schema.js';

const ms = (name: string) => bigint(name, { mode: 'number' });

/** Ring of ES256 keys; the private part is encrypted under the installation's master key. */
export const signingKey = pgTable('signing_key', {
  kid: text('kid').primaryKey(),
  publicJwk: jsonb('public_jwk').notNull(),
  privateJwk: text('private_jwk').notNull(),
  /** next, active, retiring, gone */
  state: text('state').notNull(),
  createdAt: ms('created_at').notNull(),
  /** When the key took its present state. */
  changedAt: ms('changed_at').notNull(),
});

/** Keys that sign the decision feed, each endorsed by the one before it; the private part is sealed, and wiped when it is past. */
export const feedKey = pgTable('feed_key', {
  kid: text('kid').primaryKey(),
  publicJwk: jsonb('public_jwk').notNull(),
  privateJwk: text('private_jwk').notNull(),
  /** active, past */
  state: text('state').notNull(),
  /** Place in its chain, from 0. */
  position: integer('position').notNull(),
  /** The key before it; empty for the first of a chain. */
  previous: text('previous').notNull(),
  /** Detached JWS of the key before it over this one; empty for the first of a chain. */
  endorsement: text('endorsement').notNull(),
  createdAt: ms('created_at').notNull(),
});

/** Actors that proved themselves to their host of late: what counts towards their cap, and what a retry is known by. */
export const proof = pgTable(
  'proof',
  {
    service: text('service')
      .notNull()
      .references(() => service.id),
    actor: text('actor').notNull(),
    /** When the proofs of the last day came that had an effect, oldest first. */
    times: ms('times').array().notNull(),
    /** Ids of the last reports, by which a retry is known. */
    ids: text('ids').array().notNull(),
    /** When one was last refused because the day's were spent; 0 where none was. */
    spentAt: ms('spent_at').notNull().default(0),
    changedAt: ms('changed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.service, table.actor] }), index('proof_age').on(table.changedAt)],
);

/** A random mark of each of the last versions of a service's decisions: the same number after a restored backup is another version. */
export const feedMark = pgTable(
  'feed_mark',
  {
    service: text('service').notNull(),
    version: ms('version').notNull(),
    mark: text('mark').notNull(),
  },
  (table) => [primaryKey({ columns: [table.service, table.version] })],
);
