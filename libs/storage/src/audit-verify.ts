/**
 * Reads the audit's chain from its first row to its head and names what is wrong: a row that was edited, a gap, rows that are
 * missing at the end, a reference that was given another name. Signed checkpoints are what a rewritten chain cannot fit.
 */
import { asc, count, eq, gt } from 'drizzle-orm';
import { type AuditRow, hashOfRow } from './audit.js';
import { refOf } from './audit-parties.js';
import type { Database } from './database.js';
import { audit } from './schema.js';
import { auditHead, auditParty } from './schema-audit.js';

/** Rows that are held at once. */
const PAGE = 500;
/** A fault is followed by others; the first ones tell what happened. */
const MAX_FAULTS = 20;

/** A place of the chain that is known from elsewhere. */
export interface ChainPoint {
  id: number;
  hash: string;
}

export type AuditFault =
  /** The row's fields do not give its hash. */
  | { type: 'edited'; id: number }
  /** The row does not follow on the one before it: that one was changed together with its hash, or put in. */
  | { type: 'unlinked'; id: number }
  /** Rows from `id` to `to` are not there. */
  | { type: 'gap'; id: number; to: number }
  /** Rows from `id` to `to` were the newest ones, and are not there. */
  | { type: 'truncated'; id: number; to: number }
  /** The chain is another one than the checkpoint was signed over: rows up to here were rewritten. */
  | { type: 'rewritten'; id: number }
  /** No row belongs here: the head is not the newest row. */
  | { type: 'head'; id: number }
  /** A reference has been given another id. */
  | { type: 'renamed'; ref: string }
  /** A checkpoint's signature is not ours. */
  | { type: 'forged-checkpoint'; id: number };

export interface AuditVerification {
  rows: number;
  /** The newest row that is there; id 0 where there is none. */
  head: ChainPoint;
  /** In the order of the chain, at most {@link MAX_FAULTS}. */
  faults: AuditFault[];
}

/**
 * @param known places that must be in the chain: checkpoints whose signatures were found good.
 * @param from start behind this one, which was verified before.
 */
export async function verifyAudit(
  db: Database,
  known: readonly ChainPoint[],
  from: ChainPoint = { id: 0, hash: '' },
): Promise<AuditVerification> {
  const told = await headOf(db);
  const points = new Map(known.map(({ id, hash }) => [id, hash]));
  const faults: AuditFault[] = [];
  let last = from;
  let rows = 0;
  for (;;) {
    const page = await readChain(db, last.id, PAGE);
    for (const row of page) {
      faults.push(...faultsOf(row, last, points.get(row.id)));
      last = { id: row.id, hash: row.hash };
    }
    rows += page.length;
    if (page.length < PAGE || faults.length >= MAX_FAULTS) break;
  }
  const newest = Math.max(told.id, ...known.map(({ id }) => id));
  if (faults.length < MAX_FAULTS) {
    if (newest > last.id) faults.push({ type: 'truncated', id: last.id + 1, to: newest });
    else if (told.id === last.id && told.hash !== last.hash) faults.push({ type: 'head', id: last.id });
    if (from.id === 0) faults.push(...(await renamed(db)));
  }
  return { rows, head: last, faults: faults.slice(0, MAX_FAULTS) };
}

function faultsOf(row: AuditRow, last: ChainPoint, signed: string | undefined): AuditFault[] {
  const faults: AuditFault[] = [];
  if (row.id !== last.id + 1) faults.push({ type: 'gap', id: last.id + 1, to: row.id - 1 });
  else if (row.previous !== last.hash) faults.push({ type: 'unlinked', id: row.id });
  if (hashOfRow(row) !== row.hash) faults.push({ type: 'edited', id: row.id });
  if (signed !== undefined && signed !== row.hash) faults.push({ type: 'rewritten', id: row.id });
  return faults;
}

/** Rows behind `after` in the chain's order. */
export const readChain = (db: Database, after: number, limit: number): Promise<AuditRow[]> =>
  db.select().from(audit).where(gt(audit.id, after)).orderBy(asc(audit.id)).limit(limit);

/** The newest row by its own account. Read before the rows: those that come meanwhile are no fault. */
export async function headOf(db: Database): Promise<ChainPoint> {
  const [head] = await db.select({ id: auditHead.id, hash: auditHead.hash }).from(auditHead).where(eq(auditHead.one, 1));
  return head ?? { id: 0, hash: '' };
}

async function renamed(db: Database): Promise<AuditFault[]> {
  const faults: AuditFault[] = [];
  for (let after = ''; ; ) {
    const page = await db.select().from(auditParty).where(gt(auditParty.ref, after)).orderBy(asc(auditParty.ref)).limit(PAGE);
    for (const party of page) if (refOf(party) !== party.ref) faults.push({ type: 'renamed', ref: party.ref });
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined || faults.length >= MAX_FAULTS) return faults;
    after = last.ref;
  }
}

/** One sentence for a person. */
export function faultText(fault: AuditFault): string {
  switch (fault.type) {
    case 'edited':
      return `row ${fault.id} was edited: its fields do not give its hash`;
    case 'unlinked':
      return `row ${fault.id} does not follow on row ${fault.id - 1}: one of the two was changed or put in`;
    case 'gap':
      return `${rowsText(fault)} missing`;
    case 'truncated':
      return `${rowsText(fault)} missing at the end`;
    case 'rewritten':
      return `row ${fault.id} is another one than the checkpoint was signed over: rows up to it were rewritten`;
    case 'head':
      return `the head does not fit row ${fault.id}, the newest one`;
    case 'renamed':
      return `the reference ${fault.ref} was given another id`;
    case 'forged-checkpoint':
      return `the checkpoint of row ${fault.id} was not signed by this installation`;
  }
}

const rowsText = ({ id, to }: { id: number; to: number }) => (id === to ? `row ${id} is` : `rows ${id} to ${to} are`);

/** How many rows there are. */
export async function countAudit(db: Database): Promise<number> {
  const [row] = await db.select({ rows: count() }).from(audit);
  return row?.rows ?? 0;
}
