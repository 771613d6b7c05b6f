/**
 * Takes an actor's id out of what is about others, in the transaction of its erasure: out of their alerts, of what people and policies
 * wrote, and of saved views. Nothing else of a row is changed: no number, no name of a member, no state.
 */
import { eq, inArray, or } from 'drizzle-orm';
import type { Transaction } from './database.js';
import { holds, mayName, mayTell } from './holds.js';
import { alert, decision } from './schema.js';
import { approval } from './schema-people.js';
import { alertEvent, savedView } from './schema-triage.js';
import { looksFor, unnamedSentence, unnamedText } from './unname.js';

/** Alerts about others: the list of their actors, and what was said. @returns ids of those that listed it, and how many were changed. */
export async function unnameAlerts(tx: Transaction, actor: string): Promise<{ listing: string[]; changed: number }> {
  const rows = await tx
    .select({ id: alert.id, actors: alert.actors, explanation: alert.explanation })
    .from(alert)
    .where(or(holds(alert.actors, JSON.stringify(actor)), mayTell(alert.explanation, actor)));
  const listing: string[] = [];
  let changed = 0;
  for (const { id, actors, explanation } of rows) {
    const items = actors.items.filter((item) => item !== actor);
    const isListed = items.length < actors.items.length;
    if (isListed) listing.push(id);
    const next = { actors: { ...actors, items }, explanation: unnamedSentence(explanation, actor, isListed) };
    if (!isListed && next.explanation === explanation) continue;
    await tx.update(alert).set(next).where(eq(alert.id, id));
    changed += 1;
  }
  return { listing, changed };
}

/** What people and policies wrote: reasons, notes, comments. @param listing ids of the alerts that listed the actor */
export async function unnameTexts(tx: Transaction, actor: string, listing: readonly string[]): Promise<number> {
  const changed = [
    await unnameReasons(tx, actor, new Set(listing)),
    await unnameNotes(tx, actor),
    await unnameEvents(tx, actor),
    await unnameApprovals(tx, actor),
    await unnameViews(tx, actor),
  ];
  return changed.reduce((sum, one) => sum + one, 0);
}

/** The reason of a policy is the sentence of an alert. */
async function unnameReasons(tx: Transaction, actor: string, listing: ReadonlySet<string>): Promise<number> {
  const rows = await tx
    .select({ id: decision.id, reason: decision.reason, origin: decision.origin, alertId: decision.alertId })
    .from(decision)
    .where(mayTell(decision.reason, actor));
  let changed = 0;
  for (const { id, reason, origin, alertId } of rows) {
    const isSentence = origin.type === 'policy';
    const next = isSentence ? unnamedSentence(reason, actor, listing.has(alertId ?? '')) : unnamedText(reason, actor);
    if (next === reason) continue;
    await tx.update(decision).set({ reason: next }).where(eq(decision.id, id));
    changed += 1;
  }
  return changed;
}

async function unnameNotes(tx: Transaction, actor: string): Promise<number> {
  const rows = await tx.select({ id: alert.id, note: alert.note }).from(alert).where(mayName(alert.note, actor));
  let changed = 0;
  for (const { id, note } of rows) {
    const next = unnamedText(note ?? '', actor);
    if (next === note) continue;
    await tx.update(alert).set({ note: next }).where(eq(alert.id, id));
    changed += 1;
  }
  return changed;
}

/** Of a line of history and of what an undo puts back, the note alone is a text. */
async function unnameEvents(tx: Transaction, actor: string): Promise<number> {
  const rows = await tx
    .select()
    .from(alertEvent)
    .where(or(mayName(alertEvent.detail, actor), mayName(alertEvent.before, actor)));
  let changed = 0;
  for (const { id, detail, before } of rows) {
    const next = { detail: withoutNote(detail, actor), before: before && withoutNote(before, actor) };
    if (next.detail === detail && next.before === before) continue;
    await tx.update(alertEvent).set(next).where(eq(alertEvent.id, id));
    changed += 1;
  }
  return changed;
}

type Fields = Record<string, unknown>;

/** The same object where nothing of it is changed. */
function withoutWord(fields: Fields, member: string, actor: string): Fields {
  const text = fields[member];
  if (typeof text !== 'string') return fields;
  const next = unnamedText(text, actor);
  return next === text ? fields : { ...fields, [member]: next };
}
const withoutNote = (fields: Fields, actor: string): Fields => withoutWord(fields, 'note', actor);

/** The digest is of the call as it was asked for, and stays: it is that call which was approved. */
async function unnameApprovals(tx: Transaction, actor: string): Promise<number> {
  const rows = await tx.select({ id: approval.id, body: approval.body }).from(approval).where(mayName(approval.body, actor));
  let changed = 0;
  for (const { id, body } of rows) {
    const next = withoutWord(body, 'reason', actor);
    if (next === body) continue;
    await tx.update(approval).set({ body: next }).where(eq(approval.id, id));
    changed += 1;
  }
  return changed;
}

/** Views that look for the actor. */
export async function eraseViews(tx: Transaction, actor: string): Promise<number> {
  const views = await tx.select({ id: savedView.id, search: savedView.search }).from(savedView);
  const gone = views.filter(({ search }) => looksFor(search, actor)).map(({ id }) => id);
  await tx.delete(savedView).where(inArray(savedView.id, gone));
  return gone.length;
}

/** Views that are only called like the actor. Nobody has two of one name. */
async function unnameViews(tx: Transaction, actor: string): Promise<number> {
  const views = await tx.select({ id: savedView.id, personId: savedView.personId, name: savedView.name }).from(savedView);
  const taken = new Set(views.map(({ personId, name }) => JSON.stringify([personId, name])));
  let changed = 0;
  for (const { id, personId, name } of views) {
    const plain = unnamedText(name, actor);
    if (plain === name) continue;
    const next = taken.has(JSON.stringify([personId, plain])) ? `${plain} (${id})` : plain;
    taken.add(JSON.stringify([personId, next]));
    await tx.update(savedView).set({ name: next }).where(eq(savedView.id, id));
    changed += 1;
  }
  return changed;
}
