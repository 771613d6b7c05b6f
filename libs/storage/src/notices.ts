/** What a person is told at the next sign-in, since no mail goes out: of recoveries, passkeys and signs of theft. */
import type { Notice, NoticeKind } from '@plimsoll/contracts';
import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { newId } from './ids.js';
import { notice } from './schema-people.js';

/** Of one person; the oldest go. */
const MAX_NOTICES = 50;

export interface NoticeDraft {
  personId: string;
  kind: NoticeKind;
  /** Milliseconds. */
  at: number;
  address: string;
  what: string;
  /** Where the person knows already. */
  sessionId?: string;
}

export async function addNotice(tx: Database | Transaction, draft: NoticeDraft): Promise<void> {
  await tx.insert(notice).values({ id: newId('not'), ...draft });
  const old = tx
    .select({ id: notice.id })
    .from(notice)
    .where(eq(notice.personId, draft.personId))
    .orderBy(desc(notice.at), desc(notice.id))
    .offset(MAX_NOTICES);
  await tx.delete(notice).where(inArray(notice.id, old));
}

/** Newest first. @param sessionId who asks: what was done there is not told there. */
export async function listNotices(db: Database | Transaction, personId: string, sessionId = ''): Promise<Notice[]> {
  const rows = await db.select().from(notice).where(eq(notice.personId, personId)).orderBy(desc(notice.at), desc(notice.id));
  const told = rows.filter((row) => row.sessionId === '' || row.sessionId !== sessionId);
  return told.map(({ id, kind, at, address, what }) => ({ id, kind: kind as NoticeKind, at, address, what }));
}

/** False where the person has no such notice. */
export async function putNoticeAway(tx: Transaction, personId: string, id: string): Promise<boolean> {
  const gone = await tx.delete(notice).where(and(eq(notice.id, id), eq(notice.personId, personId)));
  return (gone.rowCount ?? 0) > 0;
}
