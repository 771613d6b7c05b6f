import type { Reach } from '@plimsoll/contracts';
import { createDecision, type DatedReceipt, noteReceipts, schema } from '@plimsoll/storage';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertService } from '../../../../test/setup/records.js';
import { ReachWatch } from './reach-watch.js';

let server: AdminServer;
let analyst: Visitor;
let watch: ReachWatch;
beforeAll(async () => {
  server = await AdminServer.start();
  analyst = await server.signIn('analyst', 'Bob');
  await insertService(server.db, 'shop');
  watch = new ReachWatch(server.context);
});
afterAll(() => server.close());

const note = (instance: string, version: number, change: Partial<DatedReceipt> = {}) =>
  noteReceipts(server.context.redis, server.context.env.PLIMSOLL_NAMESPACE, [
    {
      service: 'shop',
      instance,
      name: instance,
      sdk: '0.1.0',
      via: 'stream',
      goodbye: false,
      appliedMsAgo: 0,
      version,
      at: server.now(),
      ...change,
    },
  ]);
const decide = () =>
  server.db.transaction((tx) =>
    createDecision(
      tx,
      {
        service: 'shop',
        action: 'block',
        subject: { type: 'actor', id: 'mallory' },
        endpoint: null,
        rate: null,
        reason: 'test',
        origin: { type: 'person', name: 'Ada' },
        alertId: null,
        until: server.now() + 3_600_000,
      },
      server.now(),
    ),
  );
const look = async () => {
  const said: Reach[] = [];
  watch.changed('shop');
  await watch.look(({ reach }) => said.push(reach));
  return said;
};
const audited = async () =>
  (await server.db.select().from(schema.audit).orderBy(asc(schema.audit.id)))
    .filter(({ action }) => action.startsWith('instance.'))
    .map(({ action }) => action);

describe('how far decisions have come', () => {
  it('is told when it changes, and answered by the API', async () => {
    await note('api-1', 0);
    await note('api-7', 0);
    expect(await look()).toMatchObject([{ version: 0, instances: 2, enforcing: 2, behindTotal: 0 }]);
    expect(await look()).toEqual([]);
    await decide();
    server.advance(150);
    await note('api-1', 1);
    expect(await look()).toMatchObject([{ version: 1, instances: 2, enforcing: 1, behindTotal: 0 }]);
    const { status, body } = await analyst.call('instances', { params: { id: 'shop' } });
    expect([status, body]).toMatchObject([
      200,
      {
        items: [
          { name: 'api-1', version: 1 },
          { name: 'api-7', version: 0 },
        ],
      },
    ]);
    expect((body['reach'] as Reach).p99Ms).toBeGreaterThanOrEqual(150);
    expect((await analyst.call('instances', { params: { id: 'nowhere' } })).status).toBe(404);
    expect((await server.call('instances', { params: { id: 'shop' } })).status).toBe(401);
  });

  it('warns of who stays behind, once, and says when it is well', async () => {
    server.advance(6_000);
    await note('api-1', 1);
    expect(await look()).toMatchObject([{ behind: ['api-7'], behindTotal: 1 }]);
    await look();
    await new ReachWatch(server.context).look(() => {}); // A second console process.
    expect(await audited()).toEqual(['instance.behind']);
    expect(server.logLines.join('')).toContain('does not enforce the newest decisions');
    await note('api-7', 1);
    expect(await look()).toMatchObject([{ enforcing: 2, behindTotal: 0 }]);
    expect(await audited()).toEqual(['instance.behind', 'instance.recover']);
  });

  it('warns of who vanishes, and not of who says goodbye', async () => {
    server.advance(80_000);
    await note('api-1', 1);
    await note('api-2', 1);
    await note('api-2', 1, { goodbye: true });
    server.advance(11_000);
    expect(await look()).toMatchObject([{ instances: 1, vanished: ['api-7'], vanishedTotal: 1 }]);
    expect(await audited()).toEqual(['instance.behind', 'instance.recover', 'instance.vanished']);
  });
});
