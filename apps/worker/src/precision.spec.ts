/** A kind that people found wrong raises alerts and leads to no decision, until a person says that it is to be believed again. */
import 'reflect-metadata';
import { listDemotions, restoreKind, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { insertAlert } from '../../../test/setup/records.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

let stage: Stage;
let worker: Worker | undefined;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await worker?.close();
  await stage.close();
});

const flood = (actor: string) =>
  stage.send(
    Array.from({ length: 200 }, (_, index) => makeLog({ id: `${actor}-${index}`, ts: Date.now(), actor, ip: '192.0.2.7' })),
  );
const about = async (actor: string) => {
  const [alerts, decisions] = await Promise.all([
    stage.db.select().from(schema.alert).where(eq(schema.alert.subjectId, actor)),
    stage.db.select().from(schema.decision).where(eq(schema.decision.subjectId, actor)),
  ]);
  return { alerts: alerts.length, decisions: decisions.length };
};

it('demotes a kind by its verdicts, and acts on it again after a word', async () => {
  const now = Date.now() - 60_000;
  const judged = { state: 'resolved', verdict: 'false-positive', resolvedAt: now, heededAt: now, firstAt: now - 1, lastAt: now };
  for (let index = 0; index < 9; index += 1) await insertAlert(stage.db, judged);
  worker = await openWorker(stage.context());
  await expect.poll(() => listDemotions(stage.db), { timeout: 15_000 }).toMatchObject([{ service: 'shop', kind: 'rate' }]);
  await new Promise((resolve) => setTimeout(resolve, 2_500)); // Rules are at most two seconds old.
  await flood('mallory');
  await expect.poll(() => about('mallory'), { timeout: 15_000 }).toEqual({ alerts: 1, decisions: 0 });
  expect(await stage.db.transaction((tx) => restoreKind(tx, 'shop', 'rate', 'Ada', Date.now()))).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await flood('eve');
  await expect.poll(async () => (await about('eve')).decisions, { timeout: 15_000 }).toBeGreaterThan(0);
  expect((await about('mallory')).decisions).toBe(0);
});
