/** Services and their keys: created once, changed in part, with every change written down. */
import { problemSchema } from '@plimsoll/contracts';
import { namedAudit, readAudit, schema } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertService } from '../../../../test/setup/records.js';
import { questionsOf } from '../access/resources.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, problemSchema.strict().parse(answer.body)]).toEqual([status, expect.objectContaining({ code, status })]);
}
const key = async () => String((await owner.call('createKey', { params: { id: 'shop' }, body: { name: 'k' } })).body['id']);

describe('services and keys', () => {
  it('are created once, changed in part, and listed', async () => {
    const body = { id: 'fleet', team: 'logistics', policy: 'block' };
    expect((await owner.call('createService', { body })).body).toMatchObject({ ...body, environment: 'production' });
    expectProblem(await owner.call('createService', { body }), 409, 'conflict');
    const changed = await owner.call('updateService', { params: { id: 'fleet' }, body: { settings: { sensitivity: 3 } } });
    expect(changed.body).toMatchObject({ policy: 'block', settings: { baseLimit: 100, sensitivity: 3 } });
    const { body: list } = await owner.call('services');
    expect(list['items']).toContainEqual(changed.body);
    expectProblem(await owner.call('createService', { body: { id: 'Not A Slug' } }), 400, 'invalid-body');
  });

  it('keep every setting, name what cannot be one, and write down what was and what is', async () => {
    await owner.call('createService', { body: { id: 'tuned' } });
    const patch = (settings: object, more: object = {}) =>
      owner.call('updateService', { params: { id: 'tuned' }, body: { settings, ...more } });
    const settings = {
      alertBudget: 20,
      kinds: { drift: 'off', probing: 'monitor' },
      allow: { actors: ['load-test-*'], addresses: ['10.0.0.0/8'], credentials: ['key-1'] },
      groups: [{ name: 'staff', actors: ['ada'], addresses: [], sensitivity: 3 }],
      endpoints: [{ endpoint: 'POST /pay/:id', sensitive: true, baseLimit: 5 }],
      flows: [{ name: 'buy', steps: ['POST /cart', 'POST /pay/:id'] }],
      learnFlows: false,
    };
    expect((await patch(settings)).body).toMatchObject({ settings: { ...settings, sensitivity: 1.5 } });
    expect((await patch({ groups: [], learnFlows: false }, { policy: 'throttle' })).body).toMatchObject({
      settings: { ...settings, groups: [] },
    });
    const bad = await patch({
      kinds: { rates: 'on' },
      allow: { addresses: ['nowhere'] },
      flows: [{ name: 'x', steps: ['POST /a'] }],
    });
    expectProblem(bad, 400, 'invalid-body');
    const fields = (bad.body['errors'] as { field: string }[]).map(({ field }) => field);
    expect(fields.sort()).toEqual(['body.settings.allow.addresses.0', 'body.settings.flows.0.steps', 'body.settings.kinds']);
    const rows = (await namedAudit(server.db, await readAudit(server.db, { object: 'tuned' }, { limit: 10 }))).reverse();
    expect(rows).toMatchObject([
      expect.anything(),
      { before: { settings: { alertBudget: 100, groups: [], learnFlows: true } }, after: { settings } },
      {
        before: { policy: 'block', settings: { groups: settings.groups } },
        after: { policy: 'throttle', settings: { groups: [] } },
      },
    ]);
  });

  it('say for how long their requests are kept, of which a shorter time is graver than a change', async () => {
    await owner.call('createService', { body: { id: 'kept' } });
    const keep = async (historyDays: unknown) => owner.call('updateService', { params: { id: 'kept' }, body: { historyDays } });
    expect((await keep(90)).body).toMatchObject({ historyDays: 90 });
    for (const wrong of [0, 1.5, 3_651, '90']) expectProblem(await keep(wrong), 400, 'invalid-body');
    expect((await keep(null)).body).toMatchObject({ historyDays: null });
    const { db } = server;
    const actionsOf = async (historyDays: number | null) => {
      const asked = await questionsOf('updateService', { params: { id: 'kept' }, body: { historyDays } }, db, server.now());
      return asked.type === 'ask' ? asked.questions.map(({ action }) => action) : [];
    };
    const graver = ['service.update', 'service.weaken'];
    // Nobody knows here how long the installation keeps them.
    expect([await actionsOf(null), await actionsOf(90)]).toEqual([['service.update'], graver]);
    await keep(90);
    expect([await actionsOf(91), await actionsOf(89), await actionsOf(null)]).toEqual([['service.update'], graver, graver]);
    const rows = await namedAudit(db, await readAudit(db, { object: 'kept' }, { limit: 10 }));
    expect(rows[0]).toMatchObject({ before: { historyDays: null }, after: { historyDays: 90 } });
  });

  it('show a secret once and store it nowhere', async () => {
    const made = await owner.call('createKey', { params: { id: 'shop' }, body: { name: 'ci' } });
    const { secret } = made.body as unknown as { secret: string };
    expect(secret).toMatch(/^plim_[0-9A-Za-z]{12}_[\w-]{43}_[\w-]{22}$/);
    const list = await owner.call('keys', { params: { id: 'shop' } });
    const secretPart = secret.split('_').slice(2).join('_');
    expect(list.text).not.toContain(secretPart);
    const tables = [schema.serviceKey, schema.audit].map((table) => server.db.select().from(table));
    expect(JSON.stringify(await Promise.all(tables))).not.toContain(secretPart);
    expect(server.logLines.join('')).not.toContain(secretPart);
  });

  it('stay revoked', async () => {
    const id = await key();
    const first = await owner.call('revokeKey', { params: { id } });
    expect(first.body['revokedAt']).toEqual(expect.any(Number));
    expect((await owner.call('revokeKey', { params: { id } })).body).toEqual(first.body);
  });
});
