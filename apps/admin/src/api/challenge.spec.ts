/** A person asks a user for a proof, and sees that it was given. */
import { takeProof } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertAlert, insertService } from '../../../../test/setup/records.js';

let server: AdminServer;
let analyst: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  analyst = await server.signIn('analyst', 'Bob');
});
afterAll(() => server?.close());

const actor = { type: 'actor', id: 'user-7' };
const order = { service: 'shop', action: 'challenge', subject: actor, durationSeconds: 3_600, reason: 'is it her?' };

describe('a challenge', () => {
  it('holds until the user has proved itself, which the alert and the decision then tell', async () => {
    const alertId = await insertAlert(server.db, { subjectId: 'user-7' });
    const { status, body } = await analyst.call('decide', { body: { ...order, endpoint: 'POST /refunds', alertId } });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ action: 'challenge', rate: null, endpoint: 'POST /refunds', provedAt: null }),
    ]);
    expect((await analyst.call('overview')).body['challenged']).toBe(1);
    const now = server.now();
    await takeProof(server.db, { service: 'shop', actor: 'user-7', id: 'one', key: 'key_1', address: '192.0.2.1' }, now);
    expect((await analyst.call('alert', { params: { id: alertId } })).body).toMatchObject({
      alert: { state: 'open', verdict: null, provedAt: now },
      decisions: [{ id: body['id'], liftedAt: now, liftedBy: null, provedAt: now }],
    });
    expect((await analyst.call('overview')).body['challenged']).toBe(0);
  });

  it.each([
    ['of an address', { subject: { type: 'address', id: '192.0.2.7' } }],
    ['of a credential', { subject: { type: 'credential', id: 'cf_1' } }],
    ['with a rate', { rate: { requests: 1, windowSeconds: 1 } }],
  ])('%s is refused', async (_, part) => {
    expect(await analyst.call('decide', { body: { ...order, ...part } })).toMatchObject({
      status: 400,
      body: { code: 'invalid-body' },
    });
  });
});
