/** Open sessions of one person, as a screen shows them. */
import type { OpenSession, SessionOrigin } from '@plimsoll/contracts';
import { and, desc, eq, gt, isNull } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { session } from './schema.js';
import { SESSION_IDLE_MS } from './sessions.js';

/** Enough for any screen; who has more ends them all. */
const MAX_SHOWN = 100;

const alive = (personId: string, now: number) =>
  and(
    eq(session.personId, personId),
    isNull(session.revokedAt),
    gt(session.expiresAt, now),
    gt(session.lastUsedAt, now - SESSION_IDLE_MS),
  );

/** Used last first. @param own id of the session that asks, if it is one of them. */
export async function listSessions(
  db: Database | Transaction,
  personId: string,
  own: string,
  now: number,
): Promise<Omit<OpenSession, 'risk'>[]> {
  const rows = await db
    .select()
    .from(session)
    .where(alive(personId, now))
    .orderBy(desc(session.lastUsedAt), desc(session.id))
    .limit(MAX_SHOWN);
  return rows.map(({ id, amr, userAgent, address, createdAt, lastUsedAt }) => ({
    ...{ id, userAgent, address, createdAt, lastUsedAt },
    origin: amr as SessionOrigin,
    own: id === own,
  }));
}

/** Ids of the open sessions, for whoever tells the other processes of a change. */
export async function openSessionIds(db: Database | Transaction, personId: string, now: number): Promise<string[]> {
  return (await db.select({ id: session.id }).from(session).where(alive(personId, now))).map(({ id }) => id);
}
