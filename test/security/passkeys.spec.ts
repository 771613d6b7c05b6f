/**
 * Passkeys under attack (T12, T13, T14 of the attack list): every byte that an authenticator says is bent once, nobody learns whether
 * somebody is known here, and whoever has the passkey gets in while a stranger hammers at the door. The bytes are put together by
 * hand (setup/authenticator.ts), not by the library that judges them.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Assertion, CreationOptions, RequestOptions } from '@plimsoll/contracts';
import { peopleSchema, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { Authenticator, type Bend, FLAG } from '../setup/authenticator.js';
import { chanceOfLonger } from '../setup/ranks.js';

let server: AdminServer;
let ada: Visitor;
/** Her second authenticator, whose passkeys are copied between devices. */
let synced: Authenticator;
let strangerKey: ReturnType<typeof generateKeyPairSync>['privateKey'];

beforeAll(async () => {
  server = await AdminServer.start();
  strangerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
});
afterAll(() => server?.close());
beforeEach(async () => {
  server.advance(61_000);
  ada = await server.signIn('owner', 'Ada');
  synced = new Authenticator(server.origin, true);
  const options = (await ada.call('passkeyOptions')).body as unknown as CreationOptions;
  const made = await ada.call('addPasskey', { body: { name: 'Synced', attestation: synced.make(options) } });
  expect(made.status).toBe(201);
});

const challenge = async () => (await server.call('signInOptions')).body as unknown as RequestOptions;
const present = (assertion: Assertion): Promise<Answer> => server.call('signInWithPasskey', { body: { assertion } });
const signIn = async (by: Authenticator, bend: Bend = {}): Promise<number> =>
  (await present(by.use(await challenge(), bend))).status;
const rowOf = async (by: Authenticator) => {
  const id = by.passkeys[0]?.id ?? '';
  const [row] = await server.db.select().from(peopleSchema.passkey).where(eq(peopleSchema.passkey.credentialId, id));
  return row!;
};

describe('T12: assertions', () => {
  it('as they should be get in, so that the refusals below are about what they vary', async () => {
    expect(await signIn(ada.authenticator)).toBe(201);
    expect(await signIn(synced)).toBe(201);
  });

  it.each<[string, Bend]>([
    ['without user verification', { flags: FLAG.UP }],
    ['without user presence', { flags: FLAG.UV }],
    ['from another origin', { origin: 'http://localhost.evil.example' }],
    ['from another port', { origin: 'http://localhost:1' }],
    ['from an opaque origin', { origin: 'null' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['of the other type', { type: 'webauthn.create' }],
    ['over a challenge that was never given', { challenge: Buffer.alloc(62, 7).toString('base64url') }],
    ['over no challenge', { challenge: '' }],
    ['from within a frame of another site', { crossOrigin: true }],
    ['from within a frame of a named site', { crossOrigin: true, topOrigin: 'http://evil.example' }],
    ['for somebody else by the handle', { userHandle: Buffer.alloc(32, 1).toString('base64url') }],
    ['for nobody by the handle', { userHandle: undefined }],
    ['with backup eligibility that it never had', { flags: FLAG.UP | FLAG.UV | FLAG.BE }],
    ['backed up without being eligible', { flags: FLAG.UP | FLAG.UV | FLAG.BS }],
    ['with a counter that stands still', { counter: 0 }],
  ])('%s are refused', async (_, bend) => {
    expect(await signIn(ada.authenticator)).toBe(201);
    expect(await signIn(ada.authenticator, bend)).toBe(401);
    expect(await signIn(ada.authenticator)).toBe(201);
  });

  it('of a synced passkey that has lost its eligibility are refused', async () => {
    expect(await signIn(synced, { flags: FLAG.UP | FLAG.UV })).toBe(401);
  });

  it('by another key, or with every kind of mangled signature, are refused', async () => {
    expect(await signIn(ada.authenticator, { signer: strangerKey })).toBe(401);
    const good = ada.authenticator.use(await challenge());
    const signature = Buffer.from(good.response.signature, 'base64url');
    for (const bytes of [Buffer.alloc(1), signature.subarray(1), signature.subarray(0, -1), Buffer.alloc(64)]) {
      const mangled = { ...good.response, signature: bytes.toString('base64url') };
      expect((await present({ ...good, response: mangled })).status).toBe(401);
    }
    // What differs in a byte that means nothing is the same assertion: it and the plain one get in once together.
    const longer = Buffer.concat([signature, Buffer.alloc(1)]).toString('base64url');
    const both = [await present({ ...good, response: { ...good.response, signature: longer } }), await present(good)];
    expect(both.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('are good once, also of many at once, and for five minutes', async () => {
    const once = ada.authenticator.use(await challenge());
    const answers = await Promise.all(Array.from({ length: 6 }, () => present(once)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401, 401, 401]);
    const late = await challenge();
    server.advance(5 * 60_000);
    expect((await present(ada.authenticator.use(late))).status).toBe(401);
  });

  it('with a credential of somebody else sign in whose it is, and nobody else', async () => {
    const eve = await server.signIn('owner', 'Eve');
    const id = ada.authenticator.passkeys[0]?.id ?? '';
    expect(await signIn(eve.authenticator, { id })).toBe(401);
    const { stepUp } = (await ada.call('makeRecoveryCodes', { stepUp: false })).body as { stepUp: { options: RequestOptions } };
    expect(stepUp.options.allowCredentials.map((each) => each.id)).not.toContain(eve.authenticator.passkeys[0]?.id);
  });

  it('of a synced passkey with a counter behind get in, and the person is told', async () => {
    await signIn(synced, { counter: 9 });
    expect(await signIn(synced, { counter: 3 })).toBe(201);
    expect((await rowOf(synced)).counter).toBe(9);
    expect(await signIn(synced, { counter: 10, flags: FLAG.UP | FLAG.UV | FLAG.BE })).toBe(201);
    const { notices } = (await ada.call('account')).body as { notices: { kind: string }[] };
    expect(notices.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['counter-behind', 'backup-changed']));
  });
});

describe('T12: attestations', () => {
  const make = async (bend: Parameters<Authenticator['make']>[1]) => {
    const options = (await ada.call('passkeyOptions')).body as unknown as CreationOptions;
    return ada.call('addPasskey', {
      body: { name: 'Forged', attestation: new Authenticator(server.origin).make(options, bend) },
    });
  };
  /** CBOR of `{alg: -7, sig: 8 bytes}` and of `{x5c: [1 byte], alg, sig}`. */
  const selfSigned = Buffer.from('a263616c672663736967480102030405060708', 'hex');
  const byCertificate = Buffer.from('a363616c6726637369674801020304050607086378356381410a', 'hex');

  it.each<[string, Parameters<Authenticator['make']>[1]]>([
    ['without user verification', { flags: FLAG.UP }],
    ['from another origin', { origin: 'http://evil.example' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['of the other type', { type: 'webauthn.get' }],
    ['from within a frame', { crossOrigin: true }],
    ['backed up without being eligible', { flags: FLAG.UP | FLAG.UV | FLAG.BS }],
    ['that name another credential', { id: Buffer.alloc(16, 9).toString('base64url') }],
    ['with a forged signature of their own', { attestation: { fmt: 'packed', statement: selfSigned } }],
    ['with a forged certificate', { attestation: { fmt: 'packed', statement: byCertificate } }],
    ['of a make that nobody knows', { attestation: { fmt: 'made-up', statement: selfSigned } }],
    ['of none, with a statement', { attestation: { fmt: 'none', statement: selfSigned } }],
  ])('%s are refused', async (_, bend) => {
    expect((await make(bend)).status).toBe(400);
  });

  it('are for the session that asked, and good once', async () => {
    const options = (await ada.call('passkeyOptions')).body as unknown as CreationOptions;
    const attestation = new Authenticator(server.origin).make(options);
    const eve = await server.signIn('owner', 'Eve');
    expect((await eve.call('addPasskey', { body: { name: 'stolen', attestation } })).status).toBe(403);
    expect((await ada.call('addPasskey', { body: { name: 'mine', attestation } })).status).toBe(201);
    expect((await ada.call('addPasskey', { body: { name: 'again', attestation } })).status).toBe(403);
    expect((await make({ challenge: (await challenge()).challenge })).status).toBe(403);
  });
});

describe('T13: whether somebody is known', () => {
  it('is not told by words: all refusals are one', async () => {
    const stranger = new Authenticator(server.origin);
    stranger.make((await ada.call('passkeyOptions')).body as unknown as CreationOptions);
    const answers = [
      await present(stranger.use(await challenge())),
      await present(ada.authenticator.use(await challenge(), { signer: strangerKey })),
      await present(ada.authenticator.use(await challenge(), { userHandle: undefined })),
      await server.call('signInWithCode', { body: { code: 'no code of ours' } }),
    ];
    const told = answers.map(({ status, body: { requestId: _, ...rest } }) => ({ status, rest }));
    for (const each of told) expect(each).toEqual(told[0]);
    expect((await challenge()).allowCredentials).toEqual([]);
  });

  it('is not told by what is checked: an unknown credential fails by its signature, the last of all checks', async () => {
    const stranger = new Authenticator(server.origin);
    stranger.make((await ada.call('passkeyOptions')).body as unknown as CreationOptions);
    for (const by of [stranger, ada.authenticator]) {
      await present(by.use(await challenge(), { signer: strangerKey }));
      const said = server.logLines.filter((line) => line.includes('an assertion was refused')).at(-1) ?? '{}';
      expect(JSON.parse(said)).toMatchObject({ check: 'signature' });
    }
  });

  it('is not told by time: known and unknown credentials take as long', async () => {
    const stranger = new Authenticator(server.origin);
    stranger.make((await ada.call('passkeyOptions')).body as unknown as CreationOptions);
    const took: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 200; round += 1) {
      if (round % 20 === 0) server.advance(61_000);
      for (const who of round % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
        const by = who === 'known' ? ada.authenticator : stranger;
        const assertion = by.use(await challenge(), { signer: strangerKey });
        const begun = performance.now();
        await present(assertion);
        took[who].push(performance.now() - begun);
      }
    }
    // In full: `npm run bench:admin -- --part=strangers`.
    expect(Math.abs(chanceOfLonger(took.known, took.unknown) - 0.5)).toBeLessThan(0.2);
  }, 120_000);
});

/** Thirty, and one more for each two seconds that went by. */
const budgetSince = (begun: number) => 30 + Math.ceil((server.now() - begun) / 2_000);

describe('T14: guessing, and locking out', () => {
  it('a stranger who hammers is held back, and the one with the passkey gets in all the while', async () => {
    const stranger = new Authenticator(server.origin);
    stranger.make((await ada.call('passkeyOptions')).body as unknown as CreationOptions);
    const begun = server.now();
    const seen: number[] = [];
    for (let attempt = 0; attempt < 80; attempt += 1) {
      const id = attempt % 2 ? { id: ada.authenticator.passkeys[0]?.id ?? '' } : {};
      seen.push((await present(stranger.use(await challenge(), id))).status);
      if (attempt % 10 === 9) expect(await signIn(ada.authenticator)).toBe(201);
    }
    expect(seen.slice(0, 25)).toEqual(Array(25).fill(401));
    // Nothing else is looked at.
    const budget = budgetSince(begun);
    expect(seen.filter((status) => status === 401).length).toBeLessThanOrEqual(budget);
    expect(seen.filter((status) => status === 429).length).toBeGreaterThanOrEqual(80 - budget);
    expect(await signIn(ada.authenticator)).toBe(201);
  });

  it('codes are held back too, and no code is used up by guessing', async () => {
    const { codes } = (await ada.call('makeRecoveryCodes')).body as { codes: string[] };
    const guess = () => server.call('signInWithCode', { body: { code: 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA' } });
    const statuses = [];
    // One more is told what was wrong for each two seconds that go by.
    for (let attempt = 0; attempt < 40; attempt += 1) statuses.push((await guess()).status);
    expect([new Set(statuses.slice(0, 30)), statuses.includes(429)]).toEqual([new Set([401]), true]);
    expect((await server.call('signInWithCode', { body: { code: codes[0] } })).status).toBe(201);
  });

  it('a stranger who names somebody’s passkey over and over does not fill the audit', async () => {
    const id = ada.authenticator.passkeys[0]?.id ?? '';
    const refused = { id, signer: strangerKey };
    const options = await challenge();
    const begun = server.now();
    for (let guess = 0; guess < 60; guess += 1) await present(ada.authenticator.use(options, refused));
    const budget = budgetSince(begun);
    const passkey = (await rowOf(ada.authenticator)).id;
    const written = () => server.db.select().from(schema.audit).where(eq(schema.audit.object, passkey));
    await expect.poll(async () => (await written()).length, { timeout: 5_000 }).toBeGreaterThan(10);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await written()).filter(({ action }) => action === 'passkey.refuse').length).toBeLessThanOrEqual(budget);
    // Nor does it leave her own doings unwritten.
    await ada.call('signOut');
    for (let call = 0; call < 20; call += 1) expect((await ada.call('me')).status).toBe(401);
    const rows = () => server.db.select().from(schema.audit).where(eq(schema.audit.personId, ada.person.id));
    await expect.poll(async () => (await rows()).filter(({ action }) => action === 'access.denied').length).toBe(20);
  });

  it('what was refused to a passkey is in the audit of its person', async () => {
    await signIn(ada.authenticator, { signer: strangerKey });
    const rows = () => server.db.select().from(schema.audit).where(eq(schema.audit.personId, ada.person.id));
    await expect.poll(async () => (await rows()).map(({ action }) => action), { timeout: 5_000 }).toContain('passkey.refuse');
  });
});
