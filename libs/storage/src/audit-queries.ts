/** The audit as people read it: newest first, by filters, with the names of people and, where they are still known, of parties. */
import type { AuditRecord } from '@plimsoll/contracts';
import { and, arrayOverlaps, desc, eq, gte, inArray, like, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { AuditRow } from './audit.js';
import { readParties, refsOfParty, withNames } from './audit-parties.js';
import type { Database } from './database.js';
import { audit, person } from './schema.js';

export interface AuditFilter {
  personId?: string | undefined;
  /** An action, or the beginning of one that ends with a dot: `decision.` */
  action?: string | undefined;
  outcome?: 'allowed' | 'denied' | undefined;
  object?: string | undefined;
  service?: string | undefined;
  /** Id of an actor, an address or a credential, whole. */
  subject?: string | undefined;
  /** A part of what a row says, in whatever case; looked for in the newest {@link SEARCHED} rows. */
  text?: string | undefined;
  /** Milliseconds, inclusive. */
  from?: number | undefined;
  until?: number | undefined;
}

/** So many rows are read for a text, at most: it stands in no index. */
const SEARCHED = 100_000;

function holds(text: string): SQL {
  const said = sql`concat_ws(' ', ${audit.action}, ${audit.object}, ${audit.reason}, ${audit.detail}::text, ${audit.before}::text, ${audit.after}::text)`;
  return sql`${audit.id} > (select coalesce(max(id), 0) from ${audit}) - ${SEARCHED} and strpos(lower(${said}), ${text.toLowerCase()}) > 0`;
}

/** Rows below this id, newest first. */
export async function readAudit(
  db: Database,
  filter: AuditFilter,
  { below, limit }: { below?: number | undefined; limit: number },
): Promise<AuditRow[]> {
  const { personId, action, outcome, object, service, subject, text, from, until } = filter;
  const refs = subject === undefined ? undefined : await refsOfParty(db, subject);
  if (refs?.length === 0) return [];
  const ofAction = action?.endsWith('.') ? like(audit.action, `${action.replace(/[%_\\]/g, '\\$&')}%`) : undefined;
  return db
    .select()
    .from(audit)
    .where(
      and(
        below === undefined ? undefined : lt(audit.id, below),
        personId === undefined ? undefined : eq(audit.personId, personId),
        action === undefined ? undefined : (ofAction ?? eq(audit.action, action)),
        outcome === undefined ? undefined : eq(audit.outcome, outcome),
        object === undefined ? undefined : eq(audit.object, object),
        service === undefined ? undefined : eq(audit.service, service),
        refs && arrayOverlaps(audit.parties, refs),
        text === undefined ? undefined : holds(text),
        from === undefined ? undefined : gte(audit.at, from),
        until === undefined ? undefined : lte(audit.at, until),
      ),
    )
    .orderBy(desc(audit.id))
    .limit(limit);
}

/** Rows with the names of people, and ids in the place of references; `erased` where nobody knows them any more. */
export async function namedAudit(db: Database, rows: readonly AuditRow[]): Promise<AuditRecord[]> {
  const parties = await readParties(
    db,
    rows.flatMap((row) => row.parties),
  );
  const ids = [...new Set(rows.flatMap(({ personId }) => personId ?? []))];
  const people = ids.length === 0 ? [] : await db.select().from(person).where(inArray(person.id, ids));
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return rows.map((row) => {
    const known = new Set(row.parties);
    const named = withNames(row, (ref) => (known.has(ref) ? (parties.get(ref)?.id ?? 'erased') : undefined));
    return {
      ...named,
      parties: row.parties.map((ref) => parties.get(ref) ?? { type: 'actor', id: 'erased' }),
      outcome: row.outcome as AuditRecord['outcome'],
      personName: names.get(row.personId ?? '') ?? null,
    };
  });
}
