/**
 * Services: the protected APIs with their policy and settings. The row also carries the version of its decision feed,
 * which decisions.ts alone moves.
 */
import { type PolicyMode, SELF_SERVICE, type Service, type Settings, settingsSchema, storedSettings } from '@plimsoll/contracts';
import { asc, eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { service } from './schema.js';

export interface ServiceDraft {
  id: string;
  environment?: string;
  team?: string;
  policy?: PolicyMode;
  /** Absent: policies are enforced. People's new services begin on a dry run: the admin API says so. */
  dryRun?: boolean;
  settings?: Partial<Settings>;
}
export interface ServicePatch {
  policy?: PolicyMode | undefined;
  dryRun?: boolean | undefined;
  /** What is absent stays as it is. */
  settings?: { [K in keyof Settings]?: Settings[K] | undefined } | undefined;
  historyDays?: number | null | undefined;
}

function toService(row: typeof service.$inferSelect): Service {
  const { id, environment, team, dryRun, historyDays, createdAt } = row;
  const policy = row.policy as PolicyMode;
  return { id, environment, team, policy, dryRun, settings: storedSettings(row.settings), historyDays, createdAt };
}

/** @returns undefined where the id is taken. */
export async function createService(db: Database | Transaction, draft: ServiceDraft, now: number): Promise<Service | undefined> {
  const [row] = await db
    .insert(service)
    .values({ ...draft, settings: settingsSchema.parse(draft.settings ?? {}), createdAt: now })
    .onConflictDoNothing()
    .returning();
  return row && toService(row);
}

/** All services, by id; Plimsoll itself is the last. */
export async function listServices(db: Database | Transaction): Promise<Service[]> {
  return (await db.select().from(service).orderBy(sql`${service.id} = ${SELF_SERVICE}`, asc(service.id))).map(toService);
}

export async function getService(db: Database | Transaction, id: string): Promise<Service | undefined> {
  const [row] = await db.select().from(service).where(eq(service.id, id));
  return row && toService(row);
}

/** As {@link getService}; nobody else changes it until the transaction has ended. */
export async function lockService(tx: Transaction, id: string): Promise<Service | undefined> {
  const [row] = await tx.select().from(service).where(eq(service.id, id)).for('update');
  return row && toService(row);
}

/** Merges the settings in the database, so that two people changing different ones do not undo each other. */
export async function updateService(db: Database | Transaction, id: string, patch: ServicePatch): Promise<Service | undefined> {
  const settings = JSON.stringify(patch.settings ?? {}); // Leaves undefined ones out.
  const [row] = await db
    .update(service)
    .set({
      settings: sql`${service.settings} || ${settings}::jsonb`,
      ...(patch.policy === undefined ? {} : { policy: patch.policy }),
      ...(patch.dryRun === undefined ? {} : { dryRun: patch.dryRun }),
      ...(patch.historyDays === undefined ? {} : { historyDays: patch.historyDays }),
    })
    .where(eq(service.id, id))
    .returning();
  return row && toService(row);
}
