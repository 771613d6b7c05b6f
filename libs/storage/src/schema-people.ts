/** Tables of people's ways in beside their sessions: passkeys, recovery codes, what was done to them, what waits for a second person. */
import { bigint, boolean, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { person } from './schema.js';

const ms = (name: string) => bigint(name, { mode: 'number' });
const personId = () =>
  text('person_id')
    .notNull()
    .references(() => person.id);

/** What holds for a person's ways in as a whole; its row lock orders changes of passkeys, roles and disabling. */
export const account = pgTable('account', {
  personId: personId().primaryKey(),
  /** 256 random bits, base64url: what authenticators keep for the person. Says nothing about whom. */
  userHandle: text('user_handle').notNull().unique(),
  /** Nobody signs in as this person since then. */
  disabledAt: ms('disabled_at'),
  /** When a code or a link was used in place of a passkey last. */
  recoveredAt: ms('recovered_at'),
});

export const passkey = pgTable(
  'passkey',
  {
    id: text('id').primaryKey(),
    personId: personId(),
    /** The authenticator's, base64url. */
    credentialId: text('credential_id').notNull(),
    /** COSE key, base64url. */
    publicKey: text('public_key').notNull(),
    counter: ms('counter').notNull(),
    transports: text('transports').array().notNull(),
    /** Flag BE (WebAuthn Level 3, 6.1.3): set for good when the passkey is made. */
    backupEligible: boolean('backup_eligible').notNull(),
    /** Flag BS: may change. */
    backedUp: boolean('backed_up').notNull(),
    name: text('name').notNull(),
    createdAt: ms('created_at').notNull(),
    lastUsedAt: ms('last_used_at'),
  },
  (table) => [uniqueIndex('passkey_credential').on(table.credentialId), index('passkey_person').on(table.personId)],
);

/** Challenges whose assertion was good: none is good twice. Rows go when the challenge would have run out anyway. */
export const spentChallenge = pgTable(
  'spent_challenge',
  {
    /** SHA-256, base64url. */
    hash: text('hash').primaryKey(),
    expiresAt: ms('expires_at').notNull(),
  },
  (table) => [index('spent_challenge_end').on(table.expiresAt)],
);

export const recoveryCode = pgTable(
  'recovery_code',
  {
    /** SHA-256 of 120 random bits, base64url. */
    hash: text('hash').primaryKey(),
    personId: personId(),
    createdAt: ms('created_at').notNull(),
    usedAt: ms('used_at'),
  },
  (table) => [index('recovery_code_person').on(table.personId)],
);

/** What a person is told at the next sign-in. */
export const notice = pgTable(
  'notice',
  {
    id: text('id').primaryKey(),
    personId: personId(),
    kind: text('kind').notNull(),
    at: ms('at').notNull(),
    address: text('address').notNull(),
    what: text('what').notNull(),
    /** In which session the person did it; empty where it was not the person's own doing. Not told there. */
    sessionId: text('session_id').notNull().default(''),
  },
  (table) => [index('notice_person').on(table.personId, table.at)],
);

/** Global actions that need a second owner's word. */
export const approval = pgTable(
  'approval',
  {
    id: text('id').primaryKey(),
    operation: text('operation').notNull(),
    params: jsonb('params').$type<Record<string, string>>().notNull(),
    body: jsonb('body').$type<Record<string, unknown>>().notNull(),
    /** SHA-256 of operation, parameters and body: what is approved is this call and no other. */
    digest: text('digest').notNull(),
    askedBy: text('asked_by')
      .notNull()
      .references(() => person.id),
    askedAt: ms('asked_at').notNull(),
    /** waiting, approved, rejected, done */
    state: text('state').notNull(),
    answeredBy: text('answered_by').references(() => person.id),
    answeredAt: ms('answered_at'),
    expiresAt: ms('expires_at').notNull(),
  },
  (table) => [index('approval_age').on(table.askedAt)],
);

/** Settings of the console as a whole. */
export const consoleSetting = pgTable('console_setting', {
  name: text('name').primaryKey(),
  value: jsonb('value').$type<unknown>().notNull(),
});
