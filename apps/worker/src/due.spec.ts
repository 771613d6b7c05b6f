/** What is due opens by itself, is told on the live channel, and is opened once by several workers. */
import 'reflect-metadata';
import { alertHistory, countQueue, schema, triageAlerts } from '@plimsoll/storage';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { insertAlert } from '../../../test/setup/records.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

let stage: Stage;
let workers: Worker[];
beforeEach(async () => {
  stage = await openStage();
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await stage.close();
});

const everything = { within: 'all', alert: () => true } as const;
const by = { id: 'per_ada', name: 'Ada' };
const told = (id: string) => stage.told.filter((message) => message.type === 'alert' && message.alert.id === id);

it('opens again what was acknowledged or snoozed until now', async () => {
  const [acknowledged, snoozed, later] = await Promise.all([1, 2, 3].map(() => insertAlert(stage.db)));
  const now = Date.now();
  const act = (what: Parameters<typeof triageAlerts>[1], id: string | undefined) =>
    stage.db.transaction((tx) => triageAlerts(tx, what, [{ id: id ?? '' }], { by, now }));
  await act({ type: 'acknowledge', until: now + 50 }, acknowledged);
  await act({ type: 'snooze', until: now + 50, differs: false }, snoozed);
  await act({ type: 'snooze', until: now + 600_000, differs: false }, later);
  workers.push(await openWorker(stage.context()), await openWorker(stage.context()));
  await expect
    .poll(() => countQueue(stage.db, everything), { timeout: 15_000 })
    .toEqual({ open: 2, acknowledged: 0, snoozed: 1 });
  await expect.poll(() => told(acknowledged ?? '').length + told(snoozed ?? '').length).toBe(2);
  expect((await alertHistory(stage.db, acknowledged ?? ''))?.map(({ type, by: who }) => [type, who])).toEqual([
    ['acknowledge', 'Ada'],
    ['expire', null],
  ]);
  expect((await alertHistory(stage.db, snoozed ?? ''))?.at(-1)).toMatchObject({ type: 'wake', reason: 'time' });
});

it('folds the counts up: they stay true, and few rows', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => insertAlert(stage.db)));
  for (const id of ids) {
    await stage.db.transaction((tx) => triageAlerts(tx, { type: 'acknowledge' }, [{ id }], { by, now: Date.now() }));
  }
  workers.push(await openWorker(stage.context()));
  const rows = async () => (await stage.db.execute('select * from alert_count')).rows.length;
  await expect.poll(rows, { timeout: 15_000 }).toBe(1);
  expect(await countQueue(stage.db, everything)).toEqual({ open: 0, acknowledged: 20, snoozed: 0 });
  await stage.db.delete(schema.alert);
  expect(await countQueue(stage.db, everything)).toEqual({ open: 0, acknowledged: 0, snoozed: 0 });
});
