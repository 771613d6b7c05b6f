/** What people do about enforcement: dry run, the allow-list, blocks that wait for a person. Each is audited. */
import type { Decision } from '@plimsoll/contracts';
import { createDecision, type DecisionDraft, feedVersion, namedAudit, readAudit } from '@plimsoll/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertAlert } from '../../../../test/setup/records.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

let service = '';
let count = 0;
beforeEach(async () => {
  count += 1;
  service = `shop-${count}`;
  await owner.call('createService', { body: { id: service, dryRun: false } });
});

const policyBlocks = async (id: string, change: Partial<DecisionDraft> = {}): Promise<Decision | undefined> => {
  const now = server.now();
  const draft: DecisionDraft = {
    service,
    action: 'block',
    subject: { type: 'actor', id },
    endpoint: null,
    rate: null,
    reason: 'flood',
    origin: { type: 'policy', name: 'block' },
    alertId: null,
    until: now + 600_000,
    ...change,
  };
  return server.db.transaction((tx) => createDecision(tx, draft, now));
};
const change = (body: object) => owner.call('updateService', { params: { id: service }, body });
const subjects = async (query: Record<string, string>) => {
  const { body } = await owner.call('decisions', { query: { service, ...query } });
  return (body['items'] as Decision[]).map(({ subject }) => subject.id).sort();
};
const audited = async (object: string) => {
  const rows = (await namedAudit(server.db, await readAudit(server.db, { object }, { limit: 100 }))).reverse();
  return rows.map(({ action, before, after, detail, personId }) => ({
    action,
    before,
    after,
    detail,
    mine: personId === owner.person.id,
  }));
};

describe('a new service', () => {
  it('is on a dry run of the whole ladder', async () => {
    const { body } = await owner.call('createService', { body: { id: `${service}-new` } });
    expect(body).toMatchObject({ policy: 'block', dryRun: true });
  });
});

describe('a dry run', () => {
  it('says whom policies would have held, and one change enforces what comes', async () => {
    await change({ dryRun: true });
    for (const id of ['mallory', 'mallory', 'eve']) await policyBlocks(id);
    await policyBlocks('bob', { action: 'throttle', rate: { requests: 1, windowSeconds: 1 } });
    const { body } = await owner.call('dryRun', { params: { id: service } });
    expect(body).toMatchObject({ blocked: 2, throttled: 1 });
    expect(await subjects({ active: 'true' })).toEqual([]);
    expect(await subjects({ active: 'true', mode: 'dry-run' })).toEqual(['bob', 'eve', 'mallory']);
    expect((await change({ dryRun: false })).body).toMatchObject({ dryRun: false });
    await policyBlocks('mallory');
    expect(await subjects({ active: 'true' })).toEqual(['mallory']);
    expect((await audited(service)).at(-1)).toEqual({
      action: 'service.update',
      before: { dryRun: true },
      after: { dryRun: false },
      detail: {},
      mine: true,
    });
  });

  it('lifts what policies have in force, and leaves what persons decided', async () => {
    const made = await policyBlocks('mallory');
    const body = { service, action: 'block', subject: { type: 'actor', id: 'eve' }, durationSeconds: 60, reason: 'mine' };
    await owner.call('decide', { body });
    await change({ dryRun: true });
    expect(await subjects({ active: 'true' })).toEqual(['eve']);
    expect((await audited(service)).at(-1)?.detail).toMatchObject({ lifted: [made?.id] });
  });
});

describe('the allow-list', () => {
  const allow = { actors: ['ops'], addresses: ['192.0.2.0/24', '2001:db8:5::7'], credentials: ['key-1'] };

  it('lets go of who is put on it, in one version, and says so in the audit', async () => {
    const made = await policyBlocks('ops');
    await policyBlocks('mallory');
    const before = (await feedVersion(server.db, service)) ?? 0;
    await change({ settings: { allow } });
    expect(await feedVersion(server.db, service)).toBe(before + 1);
    expect(await subjects({ active: 'true' })).toEqual(['mallory']);
    expect((await audited(service)).at(-1)).toMatchObject({ after: { settings: { allow } }, detail: { lifted: [made?.id] } });
    await change({ settings: { allow, baseLimit: 7 } });
    expect(await feedVersion(server.db, service)).toBe(before + 1);
  });

  it.each([
    ['actor', 'ops', 'user'],
    ['address', '192.0.2.77', 'address'],
    ['address', '2001:db8:5::7', 'address'],
    ['credential', 'key-1', 'credential'],
  ])('refuses a person who would block %s %s, and says why', async (type, id, word) => {
    await change({ settings: { allow } });
    const order = { service, action: 'block', durationSeconds: 60, reason: 'by mistake' };
    const refused = await owner.call('decide', { body: { ...order, subject: { type, id } } });
    expect(refused.status).toBe(409);
    expect(refused.body['detail']).toBe(
      `This ${word} is on the allow-list of ${service}, which wins over every decision. Take it off the list first.`,
    );
    expect(await subjects({})).toEqual([]);
    expect((await owner.call('decide', { body: { ...order, subject: { type, id: 'other' } } })).status).not.toBe(409);
  });
});

describe('an alert that was none', () => {
  it.each([
    ['false-positive', []],
    ['expected-change', []],
    ['true-positive', ['mallory']],
  ])('resolved as %s leaves held: %j', async (verdict, held) => {
    const alertId = await insertAlert(server.db, { service, subjectId: 'mallory' });
    const made = await policyBlocks('mallory', { alertId });
    const answer = await owner.call('resolve', { params: { id: alertId }, body: { verdict } });
    expect(answer.status).toBe(200);
    expect(await subjects({ active: 'true' })).toEqual(held);
    const [entry] = await audited(alertId);
    expect(entry).toMatchObject({ after: { state: 'resolved', verdict, subject: { id: 'mallory' } } });
    expect(entry?.detail).toEqual({ verdict, ...(held.length === 0 ? { lifted: [made?.id] } : {}) });
  });

  it('does not undo what a person decided because of it', async () => {
    const alertId = await insertAlert(server.db, { service, subjectId: 'eve' });
    const order = { service, action: 'block', subject: { type: 'actor', id: 'eve' }, durationSeconds: 60, reason: 'mine' };
    await owner.call('decide', { body: { ...order, alertId } });
    await owner.call('resolve', { params: { id: alertId }, body: { verdict: 'false-positive' } });
    expect(await subjects({ active: 'true' })).toEqual(['eve']);
  });
});

describe('undoing', () => {
  it.each([
    ['a block', {}],
    ['a throttle', { action: 'throttle', rate: { requests: 1, windowSeconds: 1 } }],
    ['a step that only watches', { action: 'monitor' }],
    ['a block that waits', { weight: 9, room: 5 }],
    ['what a dry run would have done', { dryRun: true }],
  ] as const)(
    '%s takes one call, keeps it in the history and is written down',
    async (_, { dryRun = false, ...order }: object & { dryRun?: boolean }) => {
      if (dryRun) await change({ dryRun });
      const made = await policyBlocks('mallory', order);
      const { body } = await owner.call('lift', { params: { id: made?.id ?? '' }, body: {} });
      expect(body).toMatchObject({ id: made?.id, mode: made?.mode, action: made?.action, liftedBy: 'Ada' });
      expect(await subjects({ active: 'true', mode: made?.mode ?? '' })).toEqual([]);
      expect(await subjects({})).toEqual(['mallory']);
      expect(await audited(made?.id ?? '')).toMatchObject([{ action: 'decision.lift', mine: true }]);
      expect(await policyBlocks('mallory', order)).toBeUndefined();
    },
  );
});

describe('a block that waits for a person', () => {
  const wait = (id: string) => policyBlocks(id, { weight: 9, room: 5 });

  it('is confirmed with one call, once', async () => {
    const id = (await wait('mallory'))?.id ?? '';
    expect(await subjects({ mode: 'pending', active: 'true' })).toEqual(['mallory']);
    expect((await owner.call('overview')).body).toMatchObject({ pending: 1 });
    const { body } = await owner.call('confirm', { params: { id }, body: {} });
    expect(body).toMatchObject({ mode: 'enforced', origin: { type: 'policy' } });
    expect((await owner.call('confirm', { params: { id }, body: {} })).status).toBe(409);
    expect(await subjects({ active: 'true' })).toEqual(['mallory']);
    expect(await audited(id)).toMatchObject([{ action: 'decision.confirm', mine: true }]);
    await owner.call('lift', { params: { id }, body: {} });
    expect(await subjects({})).toEqual(['mallory']);
  });

  it('is dismissed by lifting it', async () => {
    const id = (await wait('mallory'))?.id ?? '';
    expect((await owner.call('lift', { params: { id }, body: {} })).body).toMatchObject({ liftedBy: 'Ada', mode: 'pending' });
    expect((await owner.call('confirm', { params: { id }, body: {} })).status).toBe(409);
    expect(await audited(id)).toMatchObject([{ action: 'decision.lift' }]);
  });

  it('is settled with all others at once', async () => {
    const made = [await wait('a'), await wait('b')];
    const settle = (answer: string) => owner.call('settlePending', { params: { id: service }, body: { answer } });
    expect((await settle('confirm')).body).toEqual({ settled: 2 });
    expect(await subjects({ active: 'true' })).toEqual(['a', 'b']);
    expect((await audited(service)).at(-1)).toMatchObject({
      action: 'decision.confirm-all',
      detail: { decisions: made.map((one) => one?.id) },
    });
    expect((await settle('dismiss')).body).toEqual({ settled: 0 });
  });
});

describe('a person', () => {
  it('may name an address otherwise than the logs and bouncers do', async () => {
    const order = { action: 'block', durationSeconds: 60, reason: 'flood' };
    for (const [written, plain] of [
      ['2001:DB8:0::7', '2001:db8::/64'],
      ['2001:db8::/64', '2001:db8::/64'],
      ['::ffff:192.0.2.7', '192.0.2.7'],
      [' 192.0.2.7 ', '192.0.2.7'],
    ]) {
      const { body } = await owner.call('decide', { body: { ...order, service, subject: { type: 'address', id: written } } });
      expect(body['subject']).toEqual({ type: 'address', id: plain });
    }
  });
});

describe('the ladder', () => {
  it('is kept as it was given, and refused by the path of what is wrong', async () => {
    const ladder = [
      {
        endpoint: 'POST /login',
        severity: 'medium',
        steps: [
          { action: 'monitor', seconds: 60 },
          { action: 'block', seconds: 600 },
        ],
      },
    ];
    const { body } = await change({ settings: { ladder, maxShare: 0.2 } });
    expect(body['settings']).toMatchObject({ ladder, maxShare: 0.2 });
    const falling = [{ steps: [...(ladder[0]?.steps ?? [])].reverse() }];
    expect((await change({ settings: { ladder: falling } })).body['errors']).toEqual([
      { field: 'body.settings.ladder.0.steps.1', reason: 'harder or longer than the step before it (block for 600 s)' },
    ]);
    expect((await audited(service)).at(-1)).toMatchObject({ after: { settings: { ladder, maxShare: 0.2 } } });
  });
});

describe('the list of decisions', () => {
  it('is by their end on demand, so that what ends next is on the first page however many are newer', async () => {
    for (const [id, seconds] of [
      ['last', 600],
      ['first', 60],
      ['second', 300],
    ] as const)
      await policyBlocks(id, { until: server.now() + seconds * 1_000 });
    const page = async (cursor?: unknown) => {
      const query = {
        service,
        active: 'true',
        order: 'ending',
        limit: '2',
        ...(cursor !== undefined && { cursor: String(cursor) }),
      };
      const { body } = await owner.call('decisions', { query });
      return { cursor: body['nextCursor'], ids: (body['items'] as Decision[]).map(({ subject }) => subject.id) };
    };
    const first = await page();
    expect([first.ids, (await page(first.cursor)).ids]).toEqual([['first', 'second'], ['last']]);
    expect(await owner.call('decisions', { query: { order: 'by-name' } })).toMatchObject({ status: 400 });
  });
});
