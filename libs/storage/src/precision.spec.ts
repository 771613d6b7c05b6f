/** Verdicts are counted by service and kind; kinds are demoted and restored by them, and by a person's word. */

import { VERDICT_UNDO_MS } from '@plimsoll/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { onItsOwnService } from '../../../test/setup/own-service.js';
import { insertAlert } from '../../../test/setup/records.js';
import { readAudit } from './audit-queries.js';
import type { Database } from './database.js';
import { createPerson } from './people.js';
import { countOpenedByKind, countVerdicts, listDemotions, restoreKind, settlePrecision } from './precision.js';

const NOW = 1_790_000_000_000;
const DAY = 86_400_000;
let db: Database;
let service: string;
onItsOwnService(NOW, (own) => {
  ({ db, service } = own);
});
beforeEach(async () => {
  for (const { service: of, kind } of await listDemotions(db))
    await db.transaction((tx) => restoreKind(tx, of, kind, null, NOW - 40 * DAY));
});

/** By two people in turn, each time about somebody else. */
async function judge(times: number, verdict: string, more: object = {}): Promise<void> {
  const judged = { service, state: 'resolved', verdict, resolvedAt: NOW - DAY, firstAt: NOW - DAY };
  for (let index = 0; index < times; index += 1)
    await insertAlert(db, { ...judged, resolvedBy: index % 2 === 0 ? 'Ada' : 'Bob', ...more });
}
const mine = async (now = NOW) => (await settlePrecision(db, now)).filter((one) => one.service === service);
const demoted = async () => (await listDemotions(db, service)).map(({ kind }) => kind);

describe('verdicts', () => {
  it('are counted by kind, of the last month, and not of old files', async () => {
    await judge(2, 'true-positive');
    await judge(1, 'false-positive');
    await judge(1, 'expected-change');
    await judge(1, 'false-positive', { kind: 'probing' });
    await judge(5, 'false-positive', { resolvedAt: NOW - 31 * DAY });
    await judge(5, 'false-positive', { historical: true });
    const counts = (await countVerdicts(db, NOW, service)).sort((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(counts).toEqual([
      { service, kind: 'probing', confirmed: 0, falseAlarms: 1, expected: 0, accusers: 1 },
      { service, kind: 'rate', confirmed: 2, falseAlarms: 1, expected: 1, accusers: 1 },
    ]);
    expect(Object.fromEntries(await countOpenedByKind(db, service, NOW))).toEqual({ rate: 9, probing: 1 });
  });

  it('count once for each subject, by the last word on it', async () => {
    await judge(20, 'false-positive', { subjectId: 'noisy' });
    await judge(1, 'false-positive', { subjectType: 'address', subjectId: 'noisy' });
    await judge(1, 'false-positive', { subjectId: 'other', resolvedAt: NOW - 2 * DAY });
    await judge(1, 'true-positive', { subjectId: 'other' });
    const counts = await countVerdicts(db, NOW, service);
    expect(counts).toMatchObject([{ kind: 'rate', confirmed: 1, falseAlarms: 2, expected: 0 }]);
  });
});

describe('T47: a kind', () => {
  it('is switched off by nobody alone: not by many alerts of one subject, not by many subjects of one person', async () => {
    await judge(40, 'false-positive', { subjectId: 'noisy' });
    expect(await mine()).toEqual([]);
    await judge(9, 'false-positive', { resolvedBy: 'Ada', kind: 'probing' });
    await createPerson(db, { name: 'Ada', role: 'owner' }, NOW);
    await createPerson(db, { name: 'Eve', role: 'viewer' }, NOW);
    expect(await mine()).toMatchObject([{ kind: 'probing', ruling: 'demote' }]); // Nobody else may judge.
    await createPerson(db, { name: 'Bob', role: 'analyst' }, NOW);
    await judge(9, 'false-positive', { resolvedBy: 'Ada', kind: 'drift' });
    expect(await mine()).toEqual([]);
    await judge(1, 'false-positive', { resolvedBy: 'Bob', kind: 'drift' });
    expect(await mine()).toMatchObject([{ kind: 'drift', ruling: 'demote' }]);
  });

  it('that a person restores meanwhile is not demoted again by what was read before', async () => {
    await judge(10, 'false-positive');
    await mine();
    const client = await db.$client.connect();
    await client.query('begin');
    await client.query('lock table kind_demotion in row exclusive mode');
    await judge(9, 'true-positive');
    const settling = mine(); // It finds the kind to be restored, and waits for the lock.
    await expect
      .poll(
        async () => (await db.execute(`select 1 from pg_locks where not granted and relation = 'kind_demotion'::regclass`)).rows,
      )
      .toHaveLength(1);
    await client.query(`update kind_demotion set restored_at = ${NOW}, restored_by = 'Ada' where service = '${service}'`);
    await client.query('commit');
    client.release();
    expect(await settling).toEqual([]);
    const [row] = await readAudit(db, { action: 'kind.restore' }, { limit: 1 });
    expect(row?.service).not.toBe(service);
  });
});

describe('a kind', () => {
  it('is demoted by its verdicts, once, with a row of the audit that names nobody', async () => {
    await judge(8, 'false-positive');
    expect(await mine()).toEqual([]);
    await judge(1, 'false-positive');
    const judgements = { confirmed: 0, falseAlarms: 9 };
    const both = await Promise.all([mine(), mine()]);
    expect(both.flat()).toEqual([{ service, kind: 'rate', ruling: 'demote', judgements }]);
    expect(await demoted()).toEqual(['rate']);
    const [row] = await readAudit(db, { action: 'kind.demote' }, { limit: 1 });
    expect(row).toMatchObject({ personId: null, service, object: 'rate', after: judgements });
  });

  it('is restored by better verdicts, or when the bad ones have grown old', async () => {
    await judge(10, 'false-positive');
    await mine();
    await judge(9, 'true-positive');
    expect(await mine()).toMatchObject([{ kind: 'rate', ruling: 'restore' }]);
    expect(await demoted()).toEqual([]);
    await judge(10, 'false-positive', { kind: 'drift' });
    await mine();
    expect(await demoted()).toEqual(['drift']);
    expect(await mine(NOW + 31 * DAY)).toMatchObject([{ kind: 'drift', ruling: 'restore' }]);
  });

  it('that a person has restored is judged by what is said from then on', async () => {
    await judge(10, 'false-positive');
    await mine();
    expect(await db.transaction((tx) => restoreKind(tx, service, 'rate', 'Ada', NOW))).toBe(true);
    expect(await db.transaction((tx) => restoreKind(tx, service, 'rate', 'Ada', NOW))).toBe(false);
    expect(await mine()).toEqual([]);
    await judge(9, 'false-positive', { resolvedAt: NOW + 1 });
    expect(await mine(NOW + VERDICT_UNDO_MS)).toEqual([]);
    expect(await mine(NOW + 1 + VERDICT_UNDO_MS)).toMatchObject([{ ruling: 'demote', judgements: { falseAlarms: 9 } }]);
  });
});
