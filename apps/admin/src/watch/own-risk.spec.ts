/** What the policy does with the risk of who asks, on a running server: alerts stand where a worker puts them. */
import { type Account, SELF_SERVICE } from '@plimsoll/contracts';
import { type Database, ensureSelfService, MAX_RISKS, schema, sessionCredential } from '@plimsoll/storage';
import { eq, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../../../../test/setup/admin-server.js';
import { Authenticator } from '../../../../test/setup/authenticator.js';
import { insertAlert } from '../../../../test/setup/records.js';

/** The risks are read each second. */
const READ_SOON = { timeout: 8_000, interval: 100 };

let server: AdminServer;
let ada: Visitor;
let newcomer: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await ensureSelfService(server.db, server.context.env.PLIMSOLL_MASTER_KEY, server.now());
  ada = await server.signIn('owner', 'Ada');
  newcomer = await server.signInByLink('owner', 'Nora');
});
afterEach(async () => {
  await server.db.delete(schema.alert);
  await expect.poll(async () => (await create(ada, { stepUp: false })).status, READ_SOON).toBe(201);
});
afterAll(() => server?.close());

let made = 0;
const create = ({ call }: Visitor, more: { stepUp?: boolean } = {}): Promise<Answer> => {
  made += 1;
  return call('createService', { body: { id: `shop-${made}` }, ...more });
};
const codeOf = ({ status, body }: Answer) => `${status} ${body['code'] ?? ''}`.trim();

type Row = NonNullable<Parameters<typeof insertAlert>[1]>;
const hold = (against: Partial<Row>, values: Partial<Row> = {}) =>
  insertAlert(server.db, {
    ...{ service: SELF_SERVICE, kind: 'rate', verified: true, subjectType: 'actor', severity: 'critical', score: 1 },
    ...{ firstAt: server.now(), lastAt: server.now(), ...against, ...values },
  });
const soon = (ask: () => Promise<Answer>, code: string) => expect.poll(async () => codeOf(await ask()), READ_SOON).toBe(code);

describe('the risk of who asks', () => {
  it('above 80 forbids every change and every export from its next reading on, a proof or not, and leaves reading and going', async () => {
    await hold({ subjectId: ada.person.id });
    await soon(() => create(ada), '403 forbidden');
    expect((await create(ada)).text).toContain('platform.risk');
    expect(codeOf(await ada.call('exportAudit'))).toBe('403 forbidden');
    expect(codeOf(await ada.call('makeRecoveryCodes'))).toBe('403 forbidden');
    for (const read of ['me', 'account', 'services', 'audit', 'overview'] as const)
      expect((await ada.call(read)).status).toBe(200);
    expect((await create(newcomer)).status).toBe(201);
  });

  it('from 50 on asks for a proof of presence before every change, which is then made', async () => {
    await hold({ subjectId: ada.person.id }, { severity: 'high', score: 0.2 });
    await soon(() => create(ada, { stepUp: false }), '403 step-up-required');
    expect((await create(ada)).status).toBe(201);
  });

  it('says to who has no passkey that one is needed', async () => {
    await hold({ subjectId: newcomer.person.id }, { severity: 'high', score: 0.2 });
    await soon(() => create(newcomer), '403 passkey-required');
  });

  it('is that of the session too', async () => {
    await hold({ subjectType: 'credential', subjectId: sessionCredential(sessionOf(ada)) });
    await soon(() => create(ada), '403 forbidden');
    expect((await create(newcomer)).status).toBe(201);
  });

  it('fades, so that nobody is held for ever', async () => {
    const lastAt = server.now() - 8 * 60_000;
    await hold({ subjectId: ada.person.id }, { firstAt: lastAt, lastAt });
    await soon(() => create(ada, { stepUp: false }), '403 step-up-required');
    await server.db.update(schema.alert).set({ lastAt: server.now() - 30 * 60_000 });
    await expect.poll(async () => (await create(ada, { stepUp: false })).status, READ_SOON).toBe(201);
  });

  it('ends when another owner finds that the alert was false', async () => {
    const id = await hold({ subjectId: newcomer.person.id });
    await soon(() => create(newcomer), '403 forbidden');
    expect((await ada.call('resolve', { params: { id }, body: { verdict: 'false-positive' } })).status).toBe(200);
    await expect.poll(async () => (await create(newcomer)).status, READ_SOON).toBe(201);
  });

  it('of alerts elsewhere, or about what nobody vouched for, is none', async () => {
    await create(ada);
    await hold({ subjectId: ada.person.id, service: `shop-${made}` });
    await hold({ subjectId: ada.person.id, verified: false });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await create(ada, { stepUp: false })).status).toBe(201);
  });

  it('of who is not among the highest counts as high while more stand than are kept; addresses take no room', async () => {
    const row = { service: SELF_SERVICE, verified: true, severity: 'critical', firstAt: server.now(), lastAt: server.now() };
    const id = await insertAlert(server.db, { ...row, subjectId: 'per_0' });
    const [one] = await server.db.select().from(schema.alert).where(eq(schema.alert.id, id));
    const crowd = (subjectType: string, subjectIdOf: (index: number) => string) =>
      Array.from({ length: MAX_RISKS }, (_, i) => ({ ...one!, id: `${id}${i}`, subjectType, subjectId: subjectIdOf(i) }));
    await server.db.insert(schema.alert).values(crowd('address', (i) => `192.0.${i >> 8}.${i & 255}`));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await create(ada, { stepUp: false })).status).toBe(201);
    await server.db.delete(schema.alert);
    await server.db.insert(schema.alert).values([one!, ...crowd('actor', (i) => `per_${i + 1}`)]);
    await soon(() => create(ada, { stepUp: false }), '403 step-up-required');
  });

  it('is told to who it is held against, with why and what it takes, and to nobody else', async () => {
    const sees = async ({ call }: Visitor) => (await call('account')).body as unknown as Account;
    const none = { level: 0, signals: [], since: null, quietSince: null, takes: 'nothing' };
    expect((await sees(ada)).risk).toEqual(none);
    const [firstAt, lastAt] = [server.now() - 60_000, server.now()];
    await hold({ subjectId: ada.person.id }, { kind: 'scraping', severity: 'high', score: 0.2, firstAt, lastAt });
    await hold({ subjectType: 'credential', subjectId: sessionCredential(sessionOf(ada)) }, { severity: 'low', lastAt });
    await expect.poll(async () => (await sees(ada)).risk.level, READ_SOON).toBeGreaterThanOrEqual(50);
    const { risk, sessions } = await sees(ada);
    expect(risk).toMatchObject({
      signals: ['scraping', 'rate'],
      since: firstAt,
      quietSince: lastAt,
      takes: 'changes-without-proof',
    });
    expect(sessions.map(({ own, risk: level }) => [own, level > 0 && level < 50])).toEqual([[true, true]]);
    const told = (await ada.call('me')).body['risk'];
    expect(told).toEqual({ level: risk.level, takes: 'changes-without-proof' });
    expect((await sees(newcomer)).risk).toEqual(none);
  });

  it('in a recovery is told without what was found: it may be somebody else who asks', async () => {
    const eve = await server.signIn('owner', 'Eve');
    const { body } = await ada.call('resetMember', { params: { id: eve.person.id }, body: { validMinutes: 15 } });
    await hold({ subjectId: eve.person.id }, { severity: 'high', score: 0.2 });
    const token = String(body['link']).split('#')[1];
    const back = server.visitorOf(await server.call('signIn', { body: { token } }), new Authenticator(server.origin));
    const risk = async () => ((await back.call('account')).body as unknown as Account).risk;
    await expect.poll(risk, READ_SOON).toMatchObject({ takes: 'changes-without-proof' });
    expect(await risk()).toMatchObject({ signals: [], since: null, quietSince: null });
  });

  it('is named as the reason of a refusal, or of being asked for a proof, where nothing else is', async () => {
    const said = async (visitor: Visitor, more = {}) => String((await create(visitor, more)).body['detail']);
    await hold({ subjectId: ada.person.id }, { severity: 'high', score: 0.2 });
    await hold({ subjectId: newcomer.person.id }, { severity: 'high', score: 0.2 });
    await soon(() => create(ada, { stepUp: false }), '403 step-up-required');
    expect(await said(ada, { stepUp: false })).toMatch(/for this action\. The reason is a risk of 5\d of 100 .* account page/);
    expect(await said(newcomer)).toMatch(/Add one to your account first\. The reason is a risk of 5\d of 100/);
    const proof = await ada.call('makeRecoveryCodes', { stepUp: false });
    expect([codeOf(proof), proof.text.includes('a risk of')]).toEqual(['403 step-up-required', false]);
    await hold({ subjectId: ada.person.id }, { kind: 'scraping' });
    await soon(() => create(ada), '403 forbidden');
    expect(await said(ada)).toMatch(/platform\.risk.*\. The reason is a risk of [89]\d of 100/);
    const viewer = await server.signIn('viewer', 'Vic');
    await hold({ subjectId: viewer.person.id });
    await expect.poll(async () => (await viewer.call('me')).body['risk']).toMatchObject({ takes: 'changes' });
    expect(await said(viewer)).not.toContain('a risk of');
  });

  it('that cannot be read holds for half a minute, then counts as high', async () => {
    await without(server.db, async () => {
      await expect.poll(() => server.logLines.some((line) => line.includes('risks in the console not read'))).toBe(true);
      expect((await create(ada, { stepUp: false })).status).toBe(201);
      server.advance(31_000);
      expect(codeOf(await create(ada, { stepUp: false }))).toBe('403 step-up-required');
      expect((await create(ada)).status).toBe(201);
    });
  });
});

/** As the token says; nobody checks it here. */
const sessionOf = ({ session }: Visitor): string =>
  JSON.parse(Buffer.from(session.accessToken.split('.')[1] ?? '', 'base64url').toString()).sid;

/** While there are no alerts to be read. */
async function without(db: Database, work: () => Promise<void>): Promise<void> {
  await db.execute(sql`alter table alert rename to alert_away`);
  try {
    await work();
  } finally {
    await db.execute(sql`alter table alert_away rename to alert`);
  }
}

describe('the own service', () => {
  const id = SELF_SERVICE;

  it('is seen by owners of every team alone', async () => {
    const ids = async (visitor: Visitor) => (await visitor.call('services')).body['items'] as { id: string }[];
    expect((await ids(ada)).at(-1)).toMatchObject({ id, policy: 'monitor', team: 'plimsoll' });
    const analyst = await server.signIn('analyst');
    expect((await ids(analyst)).some((service) => service.id === id)).toBe(false);
    expect((await analyst.call('keys', { params: { id } })).status).toBe(404);
  });

  it('only monitors, takes no decision and no key, and is not weakened', async () => {
    const update = (body: object) => ada.call('updateService', { params: { id }, body });
    expect(codeOf(await update({ policy: 'block' }))).toBe('409 conflict');
    expect(codeOf(await update({ dryRun: true }))).toBe('403 forbidden');
    expect(codeOf(await update({ settings: { kinds: { rate: 'off' } } }))).toBe('403 forbidden');
    expect(codeOf(await update({ historyDays: 1 }))).toBe('403 forbidden');
    const group = { name: 'everybody', actors: ['*'] };
    const endpoint = 'GET /api/alerts';
    for (const settings of [
      { groups: [{ ...group, kinds: { rate: 'off' } }] },
      { groups: [{ ...group, sensitivity: 100 }] },
      { endpoints: [{ endpoint, kinds: { scraping: 'monitor' } }] },
      { endpoints: [{ endpoint, baseLimit: 1_000_000 }] },
      { sensitivity: 2 },
      { ladder: [] },
      { alertBudget: 99 },
      { endpoints: [{ endpoint, sensitive: false }] },
      { learnFlows: false },
    ]) {
      const refused = await update({ settings });
      expect([codeOf(refused), refused.text]).toEqual(['403 forbidden', expect.stringContaining('service.weaken')]);
    }
    expect((await update({ settings: { allow: { actors: ['per_*'] } } })).text).toContain('service.allow');
    expect((await update({ settings: { sensitivity: 1, groups: [{ ...group, sensitivity: 0.5 }] } })).status).toBe(200);
    expect((await update({ settings: { groups: [] } })).text).toContain('service.weaken');
    expect(codeOf(await ada.call('createService', { body: { id } }))).toBe('409 conflict');
    expect(codeOf(await ada.call('createKey', { params: { id }, body: { name: 'forged' } }))).toBe('403 forbidden');
    const [key] = (await ada.call('keys', { params: { id } })).body['items'] as { id: string; scopes: string[] }[];
    expect(key?.scopes).toEqual(['ingest:write']);
    expect(codeOf(await ada.call('revokeKey', { params: { id: key?.id ?? '' } }))).toBe('403 forbidden');
    const subject = { type: 'actor', id: newcomer.person.id };
    const body = { service: id, action: 'block', subject, durationSeconds: 60, reason: 'x' };
    expect(codeOf(await ada.call('decide', { body }))).toBe('403 forbidden');
  });

  it('has one key for all processes; another master key ends it', async () => {
    const keys = () => server.db.select().from(schema.serviceKey).where(eq(schema.serviceKey.service, id));
    const masters = [server.context.env.PLIMSOLL_MASTER_KEY, Buffer.alloc(32, 1)];
    const texts: string[] = [];
    for (const master of [masters[0]!, masters[0]!, masters[1]!])
      texts.push(await ensureSelfService(server.db, master, server.now()));
    expect(texts[0]).toBe(texts[1]);
    expect(texts[2]).not.toBe(texts[0]);
    expect((await keys()).map(({ revokedAt }) => revokedAt !== null).sort()).toEqual([false, true]);
    // As after a change of it that was taken back.
    expect(await ensureSelfService(server.db, masters[0]!, server.now())).toBe(texts[0]);
    const held = (await keys()).filter(({ revokedAt }) => revokedAt === null);
    expect(held.map(({ prefix }) => texts[0]?.startsWith(`plim_${prefix}_`))).toEqual([true]);
    expect(await keys()).toHaveLength(2);
  });
});
