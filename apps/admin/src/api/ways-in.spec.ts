/** Every operation of the contract about accounts and members: shapes, doors, roles, and what becomes of people. */
import { adminApi, type Operation, type OperationName, problemSchema, type RequestOptions } from '@plimsoll/contracts';
import { addNotice, createSignInLink, HOLD_MS, listNotices, peopleSchema, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type CallInput, type Visitor } from '../../../../test/setup/admin-server.js';
import { Authenticator } from '../../../../test/setup/authenticator.js';

let server: AdminServer;
let owner: Visitor;
let analyst: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
});
afterAll(() => server?.close());
beforeEach(async () => {
  server.advance(60_000); // Budgets of attempts refill by it.
  [owner, analyst] = [await server.signIn('owner', 'Ada'), await server.signIn('analyst', 'Bob')];
});

const operationOf = (name: OperationName): Operation => adminApi[name];
const names = (Object.keys(adminApi) as OperationName[]).filter((name) => ['account', 'members'].includes(operationOf(name).tag));
const forOwners = names.filter((name) => operationOf(name).tag === 'members');

function expectShape(name: OperationName, { status, body, text }: Answer): void {
  const operation = operationOf(name);
  expect([name, status, text]).toEqual([name, operation.status, expect.anything()]);
  if (operation.status !== 204) expect(operation.response.parse(body)).toEqual(body);
}
function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ code, status })]);
  expect(problemSchema.strict().parse(answer.body)).toEqual(answer.body);
}

interface Facts {
  passkeys: { id: string; name: string; synced: boolean }[];
  sessions: { id: string; own: boolean }[];
  notices: { id: string; kind: string; what: string }[];
  heldUntil: number | null;
  enrolUntil: number | null;
  origin: string;
  recoveryCodes: { left: number };
}
const factsOf = async (who: Visitor) => (await who.call('account')).body as unknown as Facts;
const noticeOf = async ({ person }: Visitor) => {
  await addNotice(server.db, { personId: person.id, kind: 'recovered', at: server.now(), address: '', what: 'test' });
  return (await listNotices(server.db, person.id))[0]?.id ?? '';
};
const passkeyOf = async (who: Visitor) => {
  const answer = await server.enrol({ ...who, authenticator: new Authenticator(server.origin) });
  return String(answer.body['id']);
};
const invited = async () => {
  const { body } = await owner.call('invite', { body: { name: 'Eve', role: 'analyst', validMinutes: 60 } });
  return { id: (body['member'] as { id: string }).id, token: String(body['link']).split('#')[1] ?? '' };
};
const memberId = async () => ({ id: (await invited()).id });
const waiting = async () => {
  const [row] = await server.db
    .insert(peopleSchema.approval)
    .values({
      ...{ id: `apr_${Math.random().toString(36).slice(2, 14)}`, operation: 'updateService', params: { id: 'shop' }, body: {} },
      ...{ digest: 'd', askedBy: analyst.person.id, askedAt: server.now(), state: 'waiting', expiresAt: server.now() + 60_000 },
    })
    .returning();
  return { id: row!.id };
};

/** A good call of each; `endSessions` ends the caller's own and is tried below. */
const good: Partial<Record<OperationName, (who: Visitor) => CallInput | Promise<CallInput>>> = {
  account: () => ({}),
  passkeyOptions: () => ({}),
  addPasskey: async (who) => {
    const { body } = await who.call('passkeyOptions');
    return { body: { name: 'Laptop', attestation: new Authenticator(server.origin).make(body as never) } };
  },
  renamePasskey: async (who) => ({ params: { id: await passkeyOf(who) }, body: { name: 'Phone' } }),
  removePasskey: async (who) => ({ params: { id: await passkeyOf(who) } }),
  makeRecoveryCodes: () => ({}),
  endSession: async (who) => {
    const { body } = await signInByPasskey(who.authenticator);
    const session = { accessToken: String(body['accessToken']) };
    const facts = (await server.call('account', {}, { holder: server.holder, session })).body as unknown as Facts;
    return { params: { id: facts.sessions.find(({ own }) => own)?.id ?? '' } };
  },
  putNoticeAway: async (who) => ({ params: { id: await noticeOf(who) } }),
  members: () => ({}),
  invite: () => ({ body: { name: 'Eve', role: 'analyst' } }),
  updateMember: async () => ({ params: await memberId(), body: { name: 'Eva' } }),
  resetMember: async () => ({ params: await memberId(), body: { validMinutes: 15 } }),
  memberSessions: async () => ({ params: await memberId() }),
  endMemberSessions: async () => ({ params: await memberId() }),
  requireTwoPersons: () => ({ body: { on: true } }),
  approvals: () => ({}),
  approve: async () => ({ params: await waiting() }),
  reject: async () => ({ params: await waiting() }),
};
const listed = Object.keys(good) as OperationName[];

async function signInByPasskey(authenticator: Authenticator): Promise<Answer> {
  const { body } = await server.call('signInOptions');
  const assertion = authenticator.use(body as unknown as RequestOptions, {}, authenticator.passkeys[0]);
  return server.call('signInWithPasskey', { body: { assertion } });
}

describe('every operation', () => {
  it('is in the table of this test', () => {
    expect(listed.sort()).toEqual(names.filter((name) => name !== 'endSessions').sort());
  });

  it.each(listed)('%s answers in the shape of its contract', async (name) => {
    expectShape(name, await owner.call(name, await good[name]?.(owner)));
    await server.db.delete(peopleSchema.consoleSetting);
  });

  it.each(names)('%s is closed without a token', async (name) => {
    expectProblem(await server.call(name, { params: { id: 'x' } }), 401, 'unauthenticated');
  });

  it.each(names.filter((name) => operationOf(name).method !== 'GET'))('%s is closed to other origins', async (name) => {
    const headers = { origin: 'http://evil.example' };
    expectProblem(await owner.call(name, { params: { id: 'x' }, headers }), 403, 'forbidden');
  });

  it.each(names)('%s refuses fields that it does not know', async (name) => {
    const extra = operationOf(name).method === 'GET' ? { query: { role: 'owner' } } : { body: { createdAt: 1 } };
    expectProblem(await owner.call(name, { params: { id: 'x' }, ...extra }), 400, 'invalid-body');
  });

  it.each(names.filter((name) => operationOf(name).params))('%s knows no such id', async (name) => {
    const input = (await good[name]?.(owner)) ?? {};
    expectProblem(await owner.call(name, { ...input, params: { id: 'none' } }), 404, 'not-found');
    expectProblem(await owner.call(name, { ...input, params: { id: "a' or 1=1" } }), 400, 'invalid-body');
  });

  it.each(forOwners)('%s is refused to an analyst', async (name) => {
    expectProblem(await analyst.call(name, await good[name]?.(owner)), 403, 'forbidden');
  });
});

describe('passkeys', () => {
  it('sign in, are counted, and are not removed down to none', async () => {
    const ada = await server.signIn();
    expect((await signInByPasskey(ada.authenticator)).body).toMatchObject({ person: { id: ada.person.id } });
    const { passkeys } = await factsOf(ada);
    expect(passkeys).toMatchObject([{ name: 'Test key', synced: false, lastUsedAt: expect.any(Number) }]);
    expectProblem(await ada.call('removePasskey', { params: { id: passkeys[0]?.id ?? '' } }), 409, 'conflict');
  });

  it('of somebody else are not found', async () => {
    const [ada, eve] = [await server.signIn(), await server.signIn()];
    const id = await passkeyOf(ada);
    expectProblem(await eve.call('renamePasskey', { params: { id }, body: { name: 'mine' } }), 404, 'not-found');
    expectProblem(await eve.call('removePasskey', { params: { id } }), 404, 'not-found');
    expectProblem(await eve.call('endSession', { params: { id: (await factsOf(ada)).sessions[0]?.id ?? '' } }), 404, 'not-found');
    expectProblem(await eve.call('putNoticeAway', { params: { id: await noticeOf(ada) } }), 404, 'not-found');
  });

  it('are made within fifteen minutes after a link, and need a step-up afterwards', async () => {
    const ada = await server.signInByLink();
    expect(await factsOf(ada)).toMatchObject({ origin: 'link', enrolUntil: expect.any(Number) });
    server.advance(14.9 * 60_000);
    const renewed = await server.refresh(ada.cookie);
    const by = { holder: ada.holder, session: { accessToken: String(renewed.body['accessToken']) } };
    expect((await server.call('passkeyOptions', {}, by)).status).toBe(200);
    server.advance(6_000);
    expectProblem(await server.call('passkeyOptions', {}, by), 403, 'forbidden');
    const grace = await server.signIn();
    expectProblem(await grace.call('passkeyOptions', { stepUp: false }), 403, 'step-up-required');
  });

  it('are asked for where somebody without one does something dangerous', async () => {
    const ada = await server.signInByLink();
    expectProblem(await ada.call('makeRecoveryCodes'), 403, 'passkey-required');
    expectProblem(await ada.call('invite', { body: { name: 'Eve', role: 'analyst' } }), 403, 'passkey-required');
    expect((await ada.call('alerts')).status).toBe(200);
  });
});

describe('a link for somebody who has a passkey', () => {
  it('begins a recovery: nothing but a new passkey, all other sessions end, a day of waiting, and a notice', async () => {
    const ada = await server.signIn('owner', 'Ada');
    const { body } = await owner.call('resetMember', { params: { id: ada.person.id }, body: { validMinutes: 15 } });
    const token = String(body['link']).split('#')[1] ?? '';
    expect((await server.call('linkInfo', { body: { token } })).body).toEqual({ name: 'Ada', does: 'recovery' });
    expect((await ada.call('me')).status).toBe(200);
    const authenticator = new Authenticator(server.origin);
    const back = server.visitorOf(await server.call('signIn', { body: { token } }), authenticator);
    expect((await ada.call('me')).status).toBe(401);
    for (const name of ['alerts', 'members', 'makeRecoveryCodes', 'services', 'endSessions'] as const)
      expectProblem(await back.call(name), 403, 'recovery-only');
    expect((await factsOf(back)).notices).toEqual([]);
    await server.enrol(back, 'New phone');
    const facts = await factsOf(back);
    expect(facts).toMatchObject({ origin: 'passkey', heldUntil: expect.any(Number) });
    expect(facts.notices.map(({ kind }) => kind)).toEqual(['recovered', 'passkey-added']);
    expectProblem(await back.call('makeRecoveryCodes'), 403, 'held');
    expectProblem(await back.call('removePasskey', { params: { id: facts.passkeys[0]?.id ?? '' } }), 403, 'held');
    expect((await back.call('alerts')).status).toBe(200);
    expect((await server.call('signIn', { body: { token } })).status).toBe(401);
    const rows = await server.db.select().from(schema.audit).where(eq(schema.audit.personId, ada.person.id));
    expect(rows.map(({ action, detail }) => [action, (detail as { amr?: string }).amr])).toContainEqual([
      'session.open',
      'recovery',
    ]);
    server.advance(HOLD_MS);
    const later = server.visitorOf(await signInByPasskey(authenticator), authenticator);
    expect((await later.call('makeRecoveryCodes')).status).toBe(201);
  });

  it('of an invitation that was taken up is dead', async () => {
    const { token } = await invited();
    expect((await server.call('linkInfo', { body: { token } })).body).toEqual({ name: 'Eve', does: 'sign-in' });
    const eve = server.visitorOf(await server.call('signIn', { body: { token } }), new Authenticator(server.origin));
    await server.enrol(eve);
    expectProblem(await server.call('signIn', { body: { token } }), 401, 'unauthenticated');
    expectProblem(await server.call('linkInfo', { body: { token } }), 401, 'unauthenticated');
    // Nor does another one help, made a moment before the passkey was.
    const other = await createSignInLink(server.db, eve.person.id, server.now(), { purpose: 'invitation' });
    expectProblem(await server.call('signIn', { body: { token: other } }), 401, 'unauthenticated');
  });
});

describe('recovery codes', () => {
  it('are shown once, are good once each, and begin a recovery', async () => {
    const ada = await server.signIn();
    const { codes } = (await ada.call('makeRecoveryCodes')).body as { codes: string[] };
    expect(codes).toHaveLength(10);
    expect((await factsOf(ada)).recoveryCodes.left).toBe(10);
    const answer = await server.call('signInWithCode', { body: { code: codes[3] } });
    const back = server.visitorOf(answer, new Authenticator(server.origin));
    expect(await factsOf(back)).toMatchObject({ origin: 'recovery', recoveryCodes: { left: 9 } });
    expect((await ada.call('me')).status).toBe(401);
    expectProblem(await server.call('signInWithCode', { body: { code: codes[3] } }), 401, 'unauthenticated');
    expect(server.logLines.join('')).not.toContain(codes[4]);
  });
});

describe('sessions', () => {
  it('are listed with device and address, and all end together', async () => {
    const ada = await server.signIn();
    const second = server.visitorOf(await signInByPasskey(ada.authenticator), ada.authenticator);
    const { sessions } = await factsOf(ada);
    expect(sessions).toHaveLength(2);
    expect(sessions.filter(({ own }) => own)).toMatchObject([{ address: expect.stringMatching(/127\.0\.0\.1|::1/) }]);
    expect((await ada.call('endSessions')).status).toBe(204);
    expect([(await ada.call('me')).status, (await second.call('me')).status]).toEqual([401, 401]);
  });
});

describe('members', () => {
  it('who are disabled or get another role lose their sessions at once, and a disabled one comes in by nothing', async () => {
    const bob = await server.signIn('analyst', 'Bob');
    const { codes } = (await bob.call('makeRecoveryCodes')).body as { codes: string[] };
    expect((await owner.call('updateMember', { params: { id: bob.person.id }, body: { role: 'owner' } })).body).toMatchObject({
      role: 'owner',
      sessions: 0,
    });
    expect((await bob.call('me')).status).toBe(401);
    await owner.call('updateMember', { params: { id: bob.person.id }, body: { disabled: true } });
    expectProblem(await signInByPasskey(bob.authenticator), 401, 'unauthenticated');
    expectProblem(await server.call('signInWithCode', { body: { code: codes[0] } }), 401, 'unauthenticated');
    const link = await createSignInLink(server.db, bob.person.id, server.now());
    expectProblem(await server.call('signIn', { body: { token: link } }), 401, 'unauthenticated');
    expectProblem(await owner.call('resetMember', { params: { id: bob.person.id }, body: {} }), 409, 'conflict');
    await owner.call('updateMember', { params: { id: bob.person.id }, body: { disabled: false } });
    expect((await signInByPasskey(bob.authenticator)).status).toBe(201);
  });
});
