/** Attacking the demo from the console: who may, what is driven, one at a time, and nothing but the demo. */
import { namedAudit, readAudit } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { Driver } from '../../../../test/setup/driver.js';
import { insertService } from '../../../../test/setup/records.js';

let server: AdminServer;
let analyst: Visitor;
const driver = new Driver(true);
const demo = { params: { id: 'demo' } };
const attack = (name: string, params = demo.params) => ({ params, body: { attack: name } });
beforeAll(async () => {
  server = await AdminServer.start({ env: { DEMO_SERVICE: 'demo' }, parent: driver });
  for (const id of ['demo', 'shop']) await insertService(server.db, id);
  analyst = await server.signIn('analyst', 'Bob');
});
afterAll(() => server?.close());

describe('an attack on the demo', () => {
  it('is ordered by name alone, is in the audit, and tells how it goes', async () => {
    expect((await analyst.call('demoAttack', demo)).body).toMatchObject({
      course: null,
      attacks: expect.arrayContaining(['flood']),
    });
    const begun = await analyst.call('attackDemo', attack('credential-stuffing'));
    expect(begun).toMatchObject({ status: 201, body: { attack: 'credential-stuffing', sent: 0, endedAt: null } });
    expect(driver.ordered).toEqual(['credential-stuffing']);
    driver.emit('message', { type: 'attack-course', course: { sent: 'many' } });
    driver.tell({ attack: 'credential-stuffing', sent: 9, firstRefusal: { status: 429, afterMs: 1_500 } });
    expect((await analyst.call('demoAttack', demo)).body).toMatchObject({ course: { sent: 9, firstRefusal: { status: 429 } } });
    const [row] = await namedAudit(server.db, await readAudit(server.db, { action: 'demo.attack' }, { limit: 1 }));
    expect(row).toMatchObject({ personName: 'Bob', service: 'demo', after: { attack: 'credential-stuffing' } });
  });

  it('waits for the one before it, unless its driver has gone', async () => {
    expect((await analyst.call('attackDemo', attack('flood'))).body).toMatchObject({ code: 'conflict', status: 409 });
    server.advance(11_000);
    expect((await analyst.call('attackDemo', attack('flood'))).status).toBe(201);
    driver.tell({ attack: 'flood', endedAt: 3 });
    expect((await analyst.call('attackDemo', attack('probing'))).status).toBe(201);
    expect(driver.ordered).toEqual(['credential-stuffing', 'flood', 'probing']);
  });

  it('is for the demo alone, and not for viewers', async () => {
    const shop = { id: 'shop' };
    expect((await analyst.call('demoAttack', { params: shop })).body).toEqual({ attacks: [], course: null });
    expect((await analyst.call('attackDemo', attack('flood', shop))).body).toMatchObject({ code: 'conflict' });
    const viewer = await server.signIn('viewer', 'Eve');
    expect((await viewer.call('attackDemo', attack('flood'))).body).toMatchObject({ code: 'forbidden' });
    expect(driver.ordered).toHaveLength(3);
  });
});

describe('where nobody drives attacks', () => {
  it('there are none', async () => {
    const plain = await AdminServer.start({ env: { DEMO_SERVICE: 'demo' }, shared: server });
    try {
      const answer = await plain.call('demoAttack', demo, analyst);
      expect(answer.status === 200 ? answer.body : answer.status).toEqual({ attacks: [], course: null });
    } finally {
      await plain.close();
    }
  });
});
