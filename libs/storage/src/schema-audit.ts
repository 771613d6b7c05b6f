/** The audit's chain, its head, the signed checkpoints, and whom the references in its rows stand for. */
import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';

const ms = (name: string) => bigint(name, { mode: 'number' });

/** What people did and were refused, as a chain: the database refuses to change or remove a row (audit.ts). */
export const audit = pgTable(
  'audit',
  {
    /** 1, 2, 3, ... without a gap. */
    id: bigint('id', { mode: 'number' }).primaryKey(),
    at: ms('at').notNull(),
    personId: text('person_id'),
    /** Verb and object: `decision.lift`, `session.reuse`. */
    action: text('action').notNull(),
    /** allowed, denied */
    outcome: text('outcome').notNull(),
    object: text('object').notNull(),
    service: text('service'),
    /** References of those whom it is about (audit-parties.ts): their ids stand in no row. */
    parties: text('parties').array().notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    detail: jsonb('detail').notNull(),
    reason: text('reason'),
    address: text('address').notNull(),
    userAgent: text('user_agent'),
    sessionId: text('session_id'),
    requestId: text('request_id'),
    /** Hash of the row before; empty in the first. */
    previous: text('previous').notNull(),
    /** SHA-256 of all other fields in their canonical form, base64url. */
    hash: text('hash').notNull(),
  },
  (table) => [
    index('audit_latest').on(table.at.desc()),
    index('audit_object').on(table.object),
    index('audit_person').on(table.personId, table.id),
    index('audit_parties').using('gin', table.parties),
  ],
);

/** The newest row of the chain; the lock of this one row is the order of all who write. */
export const auditHead = pgTable('audit_head', {
  one: integer('one').primaryKey(),
  id: bigint('id', { mode: 'number' }).notNull(),
  hash: text('hash').notNull(),
});

/** Heads of the chain that were signed; each also went into a file and the log (audit-checkpoints.ts). */
export const auditCheckpoint = pgTable('audit_checkpoint', {
  id: bigint('id', { mode: 'number' }).primaryKey(),
  at: ms('at').notNull(),
  /** Compact JWS over id, hash and time. */
  jws: text('jws').notNull(),
});

/** Whom a reference stands for. Erasing somebody removes the row: what is left in the chain is a salted hash without its salt. */
export const auditParty = pgTable(
  'audit_party',
  {
    ref: text('ref').primaryKey(),
    type: text('type').notNull(),
    id: text('id').notNull(),
    salt: text('salt').notNull(),
  },
  (table) => [uniqueIndex('audit_party_id').on(table.type, table.id)],
);
