/**
 * What stands on a subject, and what it got before: all that a policy has to know to say which step of the ladder follows.
 * Undone is undone: what a person has lifted, what ended because a user proved itself, or whose alert was found false, is no
 * earlier offence.
 */
import type { Decision, EnforceableSubject } from '@plimsoll/contracts';
import { and, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { heldSubject, standsAt, toDecision } from './decisions.js';
import { alert, decision } from './schema.js';

/** No step is remembered for longer; what is older need not be read. */
const LONGEST_MEMORY_MS = 30 * 86_400_000;
/** Read at a time, the newest: more than that of the subjects of one batch says nothing new. */
const MOST = 2_000;

/** Of the subjects of one service. */
export interface Standing {
  /** Neither ended nor lifted, in whatever mode. */
  active: Decision[];
  /** Of policies: ended, or replaced by another, and not undone. */
  ended: Decision[];
}

/** The decisions on any of these subjects that still count. */
export async function readStanding(
  db: Database | Transaction,
  serviceId: string,
  subjects: readonly EnforceableSubject[],
  now: number,
): Promise<Standing> {
  if (subjects.length === 0) return { active: [], ended: [] };
  const held = subjects.map(heldSubject);
  const ids = [...new Set(held.map(({ id }) => id))];
  const types = [...new Set(held.map(({ type }) => type))];
  const notUndone = or(isNull(alert.verdict), eq(alert.verdict, 'true-positive'));
  const over = and(sql`${decision.origin}->>'type' = 'policy'`, notUndone);
  const rows = await db
    .select({ decision })
    .from(decision)
    .leftJoin(alert, eq(alert.id, decision.alertId))
    .where(
      and(
        eq(decision.service, serviceId),
        inArray(decision.subjectType, types),
        inArray(decision.subjectId, ids),
        isNull(decision.liftedBy),
        isNull(decision.provedAt),
        gt(decision.until, now - LONGEST_MEMORY_MS),
        or(standsAt(now), over),
      ),
    )
    .orderBy(desc(decision.version))
    .limit(MOST);
  const asked = new Set(held.map(({ type, id }) => `${type} ${id}`));
  const all = rows.map((row) => toDecision(row.decision)).filter(({ subject }) => asked.has(`${subject.type} ${subject.id}`));
  const isActive = ({ liftedAt, until }: Decision) => liftedAt === null && until > now;
  return { active: all.filter(isActive), ended: all.filter((each) => !isActive(each)) };
}

const sameSubject = (one: Decision, { type, id }: EnforceableSubject) => one.subject.type === type && one.subject.id === id;
const HARDNESS = { monitor: 0, throttle: 1, challenge: 2, block: 3 } as const;

/**
 * Of what stands, the one that a policy has to reckon with: a person's that overlaps, else the hardest of a policy's that
 * holds the whole endpoint. On a dry run only what the dry run made, else only the rest.
 */
export function standing(
  { active }: Pick<Standing, 'active'>,
  asked: EnforceableSubject,
  endpoint: string | null,
  dryRun: boolean,
): Decision | undefined {
  const subject = heldSubject(asked);
  const on = active.filter((each) => sameSubject(each, subject));
  const overlapping = (each: Decision) => endpoint === null || each.endpoint === null || each.endpoint === endpoint;
  return (
    on.find((each) => each.origin.type === 'person' && overlapping(each)) ??
    on
      .filter((each) => each.origin.type === 'policy' && (each.mode === 'dry-run') === dryRun)
      .filter((each) => each.endpoint === endpoint || each.endpoint === null)
      .sort((a, b) => HARDNESS[b.action] - HARDNESS[a.action])[0]
  );
}

/** What a subject got before: of a dry run only what the dry run would have done; never what nobody confirmed. */
export function earlier({ ended }: Pick<Standing, 'ended'>, asked: EnforceableSubject, dryRun: boolean): Decision[] {
  const subject = heldSubject(asked);
  return ended.filter((each) => sameSubject(each, subject) && each.mode === (dryRun ? 'dry-run' : 'enforced'));
}
