import { VERDICT_UNDO_MS } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertService, T0 } from '../../../test/setup/records.js';
import { countOpened } from './alert-queries.js';
import { resolveAlert } from './alert-triage.js';
import { type Database, openDatabase } from './database.js';
import { shardOf, shardOfContribution } from './shards.js';
import { markHeeded, shardsOfVerdict, unheededVerdicts } from './verdicts.js';

let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await insertService(db);
});
afterAll(() => database.close());

const resolved = async (id: string, verdict: 'true-positive' | 'false-positive' | 'expected-change', now: number) =>
  db.transaction((tx) => resolveAlert(tx, id, { by: { id: 'per_eve', name: 'Eve' }, verdict, now }));

describe('verdicts', () => {
  it('wait from the moment on at which they can no longer be taken back until they are handed on, oldest first', async () => {
    const later = T0 + 60_000;
    await insertAlert(db, { id: 'al_late', subjectType: 'address', subjectId: '192.0.2.1', endpoint: '', reach: 4 });
    await insertAlert(db, { id: 'al_early', subjectId: 'ada' });
    await insertAlert(db, { id: 'al_open' });
    expect(await unheededVerdicts(db, later, 10)).toEqual([]);
    await resolved('al_late', 'false-positive', T0 + 9);
    await resolved('al_early', 'expected-change', T0 + 5);
    expect(await unheededVerdicts(db, T0 + 9 + VERDICT_UNDO_MS, 10)).toEqual([]);
    const waiting = await unheededVerdicts(db, later, 10);
    expect(waiting).toEqual([
      {
        alertId: 'al_early',
        service: 'shop',
        kind: 'rate',
        subject: { type: 'actor', id: 'ada' },
        endpoint: 'GET /products',
        verdict: 'expected-change',
        openedAt: T0,
        judgedAt: T0 + 5,
        historical: false,
        reach: 1,
        requests: 80,
      },
      expect.objectContaining({ alertId: 'al_late', endpoint: null, verdict: 'false-positive', reach: 4 }),
    ]);
    expect((await unheededVerdicts(db, later, 1)).map(({ alertId }) => alertId)).toEqual(['al_early']);
    await markHeeded(db, ['al_early'], T0 + 20);
    await markHeeded(db, [], T0 + 20);
    expect((await unheededVerdicts(db, later, 10)).map(({ alertId }) => alertId)).toEqual(['al_late']);
  });

  it('go where the subject is judged: by its own traffic, as an entity, or wherever its sources are', () => {
    const [waiting] = [
      { service: 'shop', kind: 'probing', endpoint: null, verdict: 'false-positive', historical: false } as const,
    ];
    const report = (type: 'actor' | 'address' | 'credential', id: string) => ({
      ...waiting,
      alertId: 'al',
      subject: { type, id },
      openedAt: 0,
      judgedAt: 0,
    });
    for (const type of ['actor', 'address'] as const) {
      for (let n = 0; n < 50; n += 1) {
        const of = shardsOfVerdict(report(type, `id-${n}`), 16);
        const contribution = { service: 'shop', entity: type, id: `id-${n}` } as Parameters<typeof shardOfContribution>[0];
        expect(new Set(of)).toEqual(new Set([shardOf('shop', `id-${n}`, 16), shardOfContribution(contribution, 16)]));
        expect(new Set(of).size).toBe(of.length);
      }
    }
    expect(shardsOfVerdict(report('credential', 'key'), 4)).toEqual([0, 1, 2, 3]);
  });
});

describe('what the alert budget counts', () => {
  it('is noise of today: low and medium, live, not a confirmed attack', async () => {
    await insertService(db, 'bank');
    const of = (fields: object) => insertAlert(db, { service: 'bank', severity: 'low', firstAt: T0, ...fields });
    await of({});
    await of({ severity: 'medium', verdict: 'false-positive', state: 'resolved' });
    await of({ severity: 'high' });
    await of({ historical: true });
    await of({ verdict: 'true-positive', state: 'resolved' });
    await of({ firstAt: T0 - 10 });
    expect((await countOpened(db, T0 - 10)).get('bank')).toBe(2);
    expect((await countOpened(db, T0 - 11)).get('bank')).toBe(3);
    expect((await countOpened(db, T0)).get('bank')).toBeUndefined();
  });
});
