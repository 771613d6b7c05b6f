import { RISK_KEPT_MS } from '@plimsoll/detection';
import { describe, expect, it } from 'vitest';
import { onItsOwnService } from '../../../test/setup/own-service.js';
import { insertAlert } from '../../../test/setup/records.js';
import type { Database } from './database.js';
import { MAX_RISKS, readRisks } from './risks.js';
import { alert } from './schema.js';

const NOW = 1_790_000_000_000;
let db: Database;
let service = '';
onItsOwnService(NOW, (own) => {
  ({ db, service } = own);
});
const raise = (values: Partial<typeof alert.$inferInsert> = {}) =>
  insertAlert(db, { service, subjectId: 'ada', verified: true, firstAt: NOW - 5, lastAt: NOW, score: 0.5, ...values });
const read = async (now = NOW) => (await readRisks(db, service, now)).risks;
const subjects = async (now = NOW) => (await read(now)).map(({ subject }) => `${subject.type} ${subject.id}`);

describe('the risks of a service', () => {
  it('come of the unresolved alerts about each subject, the highest first', async () => {
    await raise({ severity: 'medium' });
    await raise({ severity: 'medium', kind: 'drift', firstAt: NOW - 9 });
    await raise({ severity: 'critical', subjectId: 'bob' });
    await raise({ severity: 'critical', subjectId: 'eve', state: 'resolved' });
    expect(await read()).toMatchObject([
      { subject: { type: 'actor', id: 'bob' }, score: 0.85, alerts: 1 },
      {
        subject: { type: 'actor', id: 'ada' },
        score: expect.closeTo(1 - 0.625 ** 2),
        alerts: 2,
        since: NOW - 9,
        quietSince: NOW,
      },
    ]);
  });

  it('are of nobody whose name was only claimed, of no endpoint, and of nothing late', async () => {
    await raise({ subjectId: 'victim', verified: false });
    await raise({ subjectType: 'credential', subjectId: 'cf_1', verified: false });
    await raise({ subjectType: 'endpoint', subjectId: 'GET /', verified: true });
    await raise({ subjectId: 'old', historical: true });
    await raise({ subjectType: 'address', subjectId: '2001:db8::7', verified: false });
    expect(await subjects()).toEqual(['address 2001:db8::/64']);
  });

  it('are of the types that are asked for, whatever stands of others', async () => {
    await raise({ subjectId: 'mallory' });
    await raise({ subjectType: 'address', subjectId: '192.0.2.7', verified: false, severity: 'critical' });
    const { risks } = await readRisks(db, service, NOW, { types: ['actor', 'credential'] });
    expect(risks.map(({ subject }) => subject)).toEqual([{ type: 'actor', id: 'mallory' }]);
  });

  it('fade away', async () => {
    await raise({ severity: 'critical', score: 1 });
    expect(await subjects(NOW + RISK_KEPT_MS / 2)).toEqual(['actor ada']);
    expect(await subjects(NOW + RISK_KEPT_MS)).toEqual([]);
  });

  it('are bounded; the highest are kept and the others counted', async () => {
    await raise({ severity: 'critical', subjectId: 'the highest' });
    const [row] = await db.select().from(alert).limit(1);
    const many = Array.from({ length: MAX_RISKS + 20 }, (_, index) => ({
      ...row!,
      id: `${service}-${index}`,
      service,
      subjectId: `u${index}`,
      severity: 'low',
      verified: true,
      state: 'open',
      lastAt: NOW,
      subjectType: 'actor',
      historical: false,
    }));
    await db.insert(alert).values(many);
    const { risks, left } = await readRisks(db, service, NOW);
    expect([risks.length, left, risks[0]?.subject.id]).toEqual([MAX_RISKS, 21, 'the highest']);
  });
});
