/** The customer's own access policies: what they change and how soon, what an edit may not do, and what a failure does. */
import { type AccessRequest, adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { lockPolicySet, putPolicy, schema, setTwoPersons } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type CallInput, type Visitor } from '../../../../test/setup/admin-server.js';
import { listen } from '../../../../test/setup/listener.js';
import { insertAlert, insertPending, insertService, T0 } from '../../../../test/setup/records.js';

const NO_CONFIRM = 'forbid (principal, action == Action::"decision.confirm", resource) unless { principal.role == "owner" };';
const NO_LOW =
  'forbid (principal, action == Action::"alert.read", resource)\nwhen { resource.severity == "low" } unless { principal.role == "owner" };';
const LOCKS_OUT = 'forbid (principal, action == Action::"access-policy.save", resource);';

let server: AdminServer;
let owner: Visitor;
let analyst: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  [owner, analyst] = [await server.signIn('owner', 'Ada', server.holder, true), await server.signIn('analyst', 'Bob')];
});
afterEach(async () => {
  const { body } = await owner.call('accessPolicies');
  for (const { id } of body['cases'] as { id: string }[]) await owner.call('deleteAccessCase', { params: { id } });
  for (const { id } of body['own'] as { id: string }[]) await owner.call('deleteAccessPolicy', { params: { id } });
});
afterAll(() => server?.close());

const create = (text: string, name = 'a policy') => owner.call('createAccessPolicy', { body: { name, text } });
const confirm = async (visitor: Visitor) =>
  (await visitor.call('confirm', { params: { id: await insertPending(server.db) }, body: {} })).status;
const caseOf = (more: Partial<AccessRequest> = {}): AccessRequest => ({
  principal: {
    id: 'per_1',
    role: 'analyst',
    groups: [],
    everyTeam: true,
    teams: [],
    services: [],
    passkeys: 0,
    deviceBound: false,
  },
  action: 'decision.confirm',
  resource: {
    ...{ type: 'Decision', service: 'shop', team: 'default', environment: 'production' },
    ...{ effect: 'block', mode: 'pending', subjectType: 'actor', byPerson: false },
  } as AccessRequest['resource'],
  context: { risk: 0, authAgeSeconds: 9, userVerified: false, amr: ['link'], address: '192.0.2.1', time: T0, subjects: 1 },
  ...more,
});

describe('an own policy', () => {
  it('holds from the next call on, and no longer once it is removed', async () => {
    expect(await confirm(analyst)).toBe(200);
    const made = await create(NO_CONFIRM);
    expect(made.status).toBe(201);
    expect(await confirm(analyst)).toBe(403);
    expect(await confirm(owner)).toBe(200);
    expect((await owner.call('deleteAccessPolicy', { params: { id: String(made.body['id']) } })).status).toBe(204);
    expect(await confirm(analyst)).toBe(200);
  });

  it('holds in another process within two seconds, and on sockets that are open', async () => {
    const other = await AdminServer.start({ shared: server });
    const heard = await listen(other, analyst);
    await create(NO_LOW);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const [low, high] = [await insertAlert(server.db, { severity: 'low' }), await insertAlert(server.db)];
    for (const id of [low, high]) await owner.call('acknowledge', { params: { id }, body: {} });
    await expect.poll(() => heard.events.length).toBe(1);
    expect(JSON.stringify(heard.events)).not.toContain(low);
    const answer = await other.call('alert', { params: { id: low } }, analyst);
    expect(answer.status).toBe(404);
    heard.close();
    await other.close();
  });

  it('filters lists and counts by what a thing is, not only where it stands', async () => {
    await server.db.delete(schema.alert);
    const [low] = [await insertAlert(server.db, { severity: 'low' }), await insertAlert(server.db)];
    await create(NO_LOW);
    const [list, counts] = [await analyst.call('alerts'), await analyst.call('overview')];
    expect(list.body['items']).toHaveLength(1);
    expect(list.text).not.toContain(low);
    expect(counts.body).toMatchObject({ openAlerts: 1, bySeverity: { low: 0, high: 1 } });
    expect((await owner.call('overview')).body).toMatchObject({ openAlerts: 2 });
  });

  it('may permit what a role does not, and never what the platform forbids', async () => {
    await create('permit (principal, action in Action::"manage", resource) when { principal.role == "analyst" };');
    expect((await analyst.call('createService', { body: { id: 'fleet' } })).status).toBe(201);
    const guest = await server.signIn('viewer');
    expect((await guest.call('createService', { body: { id: 'fleet-2' } })).status).toBe(403);
  });

  it('keeps every version, who and when', async () => {
    const id = String((await create(NO_CONFIRM, 'first')).body['id']);
    const edit = { params: { id }, body: { name: 'second', version: 1 } };
    expect((await owner.call('updateAccessPolicy', edit)).body).toMatchObject({ version: 2, name: 'second', text: NO_CONFIRM });
    expect((await owner.call('updateAccessPolicy', edit)).status).toBe(409);
    await owner.call('deleteAccessPolicy', { params: { id } });
    const { body } = await owner.call('accessPolicyHistory', { params: { id } });
    expect(body['items']).toMatchObject([
      { version: 3, text: null, by: 'Ada' },
      { version: 2, name: 'second' },
      { version: 1, name: 'first', text: NO_CONFIRM },
    ]);
    const rows = await server.db.select().from(schema.audit).where(eq(schema.audit.object, id));
    expect(rows.map(({ action }) => action)).toEqual(Array(3).fill('access-policy.save'));
  });
});

describe('a text', () => {
  it('is checked with places and hints, formatted, and read as a tree and back', async () => {
    const text = 'permit(principal, action == Action::"alert.reed", resource) when { principal.roel == "ö" };';
    const { body } = await analyst.call('checkAccessPolicy', { body: { text } });
    const faults = body['faults'] as { message: string; hint: string; start: number; end: number }[];
    expect(faults.map(({ start, end }) => text.slice(start, end))).toContain('Action::"alert.reed"');
    expect(faults.map(({ hint }) => hint)).toContainEqual(expect.stringMatching(/^did you mean `Action::"\w/));
    const good = await analyst.call('checkAccessPolicy', { body: { text: NO_CONFIRM } });
    expect(good.body).toMatchObject({ faults: [], formatted: expect.stringContaining('\n') });
    const back = await analyst.call('checkAccessPolicy', { body: { json: good.body['json'] } });
    expect(back.body['json']).toEqual(good.body['json']);
  });

  it('counts places as an editor does', async () => {
    const text = `// ö💥\npermit (principal, action, resource) when { nothing };`;
    const faults = (await owner.call('checkAccessPolicy', { body: { text } })).body['faults'] as { start: number; end: number }[];
    expect(text.slice(faults[0]?.start, faults[0]?.end)).toBe('nothing');
  });

  it.each([
    ['no policy', 'let me in'],
    ['two of them', 'permit (principal, action, resource); permit (principal, action, resource);'],
    ['a template', 'permit (principal == ?principal, action, resource);'],
    ['an attribute that is none', 'permit (principal, action, resource) when { principal.colour == "red" };'],
    ['an attribute that only some have', 'permit (principal, action, resource) when { resource.severity == "low" };'],
    ['a comparison of unlike things', 'permit (principal, action, resource) when { context.risk < "high" };'],
    ['20,000 brackets', `permit (principal, action, resource) when { ${'('.repeat(8_000)}true${')'.repeat(8_000)} };`],
    ['more than 16 kB', `permit (principal, action, resource); // ${'x'.repeat(16_400)}`],
  ])('is refused where it is %s', async (_, text) => {
    const answer = await create(text);
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-body']);
    expect((await owner.call('services')).status).toBe(200);
  });
});

describe('an edit', () => {
  it('that would leave nobody able to edit is not saved', async () => {
    expect((await owner.call('simulateAccessPolicy', { body: { text: LOCKS_OUT } })).body).toMatchObject({ locksOut: true });
    expect((await create(LOCKS_OUT)).status).toBe(409);
    const one = 'forbid (principal, action in Action::"manage", resource) unless { principal.groups.contains("nobody") };';
    expect((await create(one)).status).toBe(409);
  });

  it('that would leave nobody to approve edits is not saved where they take two', async () => {
    const noSecond = 'forbid (principal, action == Action::"approval.approve", resource);';
    await server.signIn('owner', 'Cleo');
    const locks = async (text: string) => (await owner.call('simulateAccessPolicy', { body: { text } })).body['locksOut'];
    expect(await locks(noSecond)).toBe(false);
    await server.db.transaction((tx) => setTwoPersons(tx, true));
    try {
      expect([await locks(NO_CONFIRM), await locks(noSecond)]).toEqual([false, true]);
    } finally {
      await server.db.transaction((tx) => setTwoPersons(tx, false));
    }
  });

  it('that breaks a case is not saved, and shows it before', async () => {
    const kept = { name: 'analysts confirm', request: caseOf(), expected: 'allow' };
    expect((await owner.call('createAccessCase', { body: kept })).status).toBe(201);
    const tried = await owner.call('simulateAccessPolicy', { body: { text: NO_CONFIRM } });
    expect(tried.body['cases']).toMatchObject([{ name: 'analysts confirm', expected: 'allow', before: 'allow', after: 'deny' }]);
    const refused = await create(NO_CONFIRM);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('analysts confirm')]);
  });

  it('is tried on the decisions of before: it shows which would come out otherwise', async () => {
    await confirm(analyst);
    await confirm(analyst);
    const { status, body } = await owner.call('simulateAccessPolicy', { body: { text: NO_CONFIRM } });
    expect(status).toBe(200);
    expect(Number(body['decisions'])).toBeGreaterThan(2);
    const flips = body['flips'] as { person: string; before: string; after: string; count: number; request: AccessRequest }[];
    expect(flips.every(({ request }) => request.action === 'decision.confirm')).toBe(true);
    expect(flips[0]).toMatchObject({ person: 'Bob', before: 'allow', after: 'deny' });
    expect(await confirm(analyst)).toBe(200);
  });

  it('by an analyst is refused, as is the record of what others did', async () => {
    const id = String((await create(NO_CONFIRM)).body['id']);
    const calls: [OperationName, CallInput][] = [
      ['createAccessPolicy', { body: { name: 'x', text: NO_CONFIRM } }],
      ['updateAccessPolicy', { params: { id }, body: { name: 'x', version: 1 } }],
      ['deleteAccessPolicy', { params: { id } }],
      ['simulateAccessPolicy', { body: { text: null, id } }],
      ['createAccessCase', { body: { name: 'x', request: caseOf(), expected: 'allow' } }],
      ['deleteAccessCase', { params: { id: 'acc_none' } }],
    ];
    for (const [name, input] of calls) expect([name, (await analyst.call(name, input)).status]).toEqual([name, 403]);
    expect((await analyst.call('accessPolicies')).status).toBe(200);
  });

  it('of two at once that would together lock everybody out, one is refused', async () => {
    const texts = ['owner', 'analyst'].map(
      (role) => `forbid (principal, action == Action::"access-policy.save", resource) when { principal.role == "${role}" };`,
    );
    await create('permit (principal, action == Action::"access-policy.save", resource) when { principal.role == "analyst" };');
    const answers = await Promise.all(texts.map((text) => create(text)));
    // Whoever is asked after the other's was kept may not save any more, and is told that instead.
    const [kept, refused] = answers.map(({ status }) => status).sort();
    expect([kept, [403, 409].includes(refused ?? 0)]).toEqual([201, true]);
    // Whoever is left may mend it, the forbid first.
    for (const visitor of [owner, analyst, owner]) {
      const own = (await owner.call('accessPolicies')).body['own'] as { id: string }[];
      for (const { id } of own) await visitor.call('deleteAccessPolicy', { params: { id } });
    }
    expect((await owner.call('accessPolicies')).body['own']).toEqual([]);
  });
});

describe('T45: a failure', () => {
  it('of the own policies leaves owners alone in, to mend them', async () => {
    const broken = await server.db.transaction(async (tx) => {
      await lockPolicySet(tx);
      return putPolicy(
        tx,
        { name: 'old', text: 'forbid (principal, action, resource) when { resource.gone };' },
        { personId: 'x', name: 'x', now: T0 },
      );
    });
    server.advance(1_500);
    expect((await owner.call('alerts')).body['items']).toEqual([]);
    expect((await owner.call('decide', { body: {} })).status).toBe(400);
    expect((await owner.call('createService', { body: { id: 'more' } })).status).toBeGreaterThanOrEqual(403);
    expect((await analyst.call('accessPolicies')).status).toBe(403);
    expect((await owner.call('accessPolicies')).body).toMatchObject({ sound: false });
    expect(server.logLines.join('')).toContain('the own access policies cannot be used');
    expect((await owner.call('deleteAccessPolicy', { params: { id: broken.id } })).status).toBe(204);
    expect((await owner.call('services')).body['items']).not.toEqual([]);
  });
});

describe('what the console offers', () => {
  it('is what the policy allows', async () => {
    const offered = async (visitor: Visitor) => (await visitor.call('me')).body['allowed'];
    expect(await offered(owner)).toContain('key.create');
    expect(await offered(analyst)).toEqual(expect.arrayContaining(['alert.resolve', 'decision.make']));
    expect(await offered(analyst)).not.toContain('key.create');
    await create(NO_CONFIRM);
    expect(await offered(analyst)).not.toContain('decision.confirm');
    const here = await analyst.call('allowed', { params: { id: 'shop' } });
    expect(here.body['allowed']).toContain('decision.make');
    expect(here.body['allowed']).not.toContain('decision.confirm');
  });
});

const own = (Object.keys(adminApi) as OperationName[]).filter((name) => adminApi[name].tag === 'access');
it.each(own)('%s is closed without a token, to other origins, and knows no such id', async (name) => {
  const { method, params }: Operation = adminApi[name];
  const body = { text: NO_CONFIRM, name: 'x', version: 1, request: caseOf(), expected: 'allow' };
  const wanted = Object.fromEntries(
    Object.entries(body).filter(([field]) => field in ((adminApi[name] as Operation).body?.shape ?? {})),
  );
  const input = {
    ...(params ? { params: { id: 'none' } } : {}),
    ...(method === 'POST' || method === 'PATCH' ? { body: wanted } : {}),
  };
  expect((await server.call(name, input)).status).toBe(401);
  if (method !== 'GET')
    expect((await owner.call(name, { ...input, headers: { origin: 'http://evil.example' } })).status).toBe(403);
  if (params) expect((await owner.call(name, input)).status).toBe(404);
  else expect((adminApi[name] as Operation).response.parse((await owner.call(name, input)).body)).toBeDefined();
});
