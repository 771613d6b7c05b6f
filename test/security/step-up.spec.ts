/**
 * Step-up, budgets and links under attack (T15, T47, T54 of the attack list): a proof is good for one call by one
 * person in one session, a stolen or replayed one for nothing, and no row of small deeds adds up to a great one.
 */
import type { OperationName } from '@plimsoll/contracts';
import { createSignInLink } from '@plimsoll/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type CallInput, type Visitor } from '../setup/admin-server.js';
import { Authenticator, type Bend } from '../setup/authenticator.js';
import { insertService } from '../setup/records.js';
import { asked, proofOf, withProof } from '../setup/step-up.js';

let server: AdminServer;
let ada: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
});
afterAll(() => server?.close());
beforeEach(async () => {
  server.advance(61_000);
  ada = await server.signIn('owner', 'Ada');
});

const keys: CallInput = { params: { id: 'shop' }, body: { name: 'k' } };
const codeOf = ({ status, body }: Answer) => [status, body['code']];
const REFUSED = [403, 'step-up-required'];

describe('T15: getting around a step-up', () => {
  it('a good proof lets the very call pass, once', async () => {
    const proof = proofOf(await asked(ada, 'createKey', keys), ada.authenticator);
    expect((await withProof(ada, 'createKey', keys, proof)).status).toBe(201);
    expect(codeOf(await withProof(ada, 'createKey', keys, proof))).toEqual(REFUSED);
  });

  it('is answered with what RFC 9470 says', async () => {
    const answer = await ada.call('createKey', { ...keys, stepUp: false });
    expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_user_authentication", acr_values="aal2"/);
  });

  it.each<[string, CallInput]>([
    ['a changed body', { ...keys, body: { name: 'other' } }],
    ['a member more', { ...keys, body: { name: 'k', requireSignedBatches: false } }],
    ['another object', { ...keys, params: { id: 'bank' } }],
  ])('%s is refused', async (_, changed) => {
    if (changed.params?.['id'] === 'bank') await insertService(server.db, 'bank');
    const proof = proofOf(await asked(ada, 'createKey', keys), ada.authenticator);
    expect(codeOf(await withProof(ada, 'createKey', changed, proof))).toEqual(REFUSED);
  });

  it('a changed query is refused: a proof to take one part away takes no other', async () => {
    const part: CallInput = { query: { action: 'key.create' } };
    const proof = proofOf(await asked(ada, 'exportAudit', part), ada.authenticator);
    expect(codeOf(await withProof(ada, 'exportAudit', {}, proof))).toEqual(REFUSED);
    expect(codeOf(await withProof(ada, 'exportAudit', { query: { action: 'member.invite' } }, proof))).toEqual(REFUSED);
    expect((await withProof(ada, 'exportAudit', part, proof)).status).toBe(200);
  });

  it('a proof for one action is no proof for any other', async () => {
    const dangerous: [OperationName, CallInput][] = [
      ['createKey', keys],
      ['makeRecoveryCodes', {}],
      ['passkeyOptions', {}],
      ['updateService', { params: { id: 'shop' }, body: { dryRun: false } }],
      ['settlePending', { params: { id: 'shop' }, body: { answer: 'confirm' } }],
      ['invite', { body: { name: 'Eve', role: 'owner' } }],
      ['requireTwoPersons', { body: { on: true } }],
      ['exportAudit', { query: { action: 'key.create' } }],
      ['exportRequests', { query: { service: 'shop' } }],
    ];
    for (const [name, input] of dangerous) {
      const proof = proofOf(await asked(ada, name, input), ada.authenticator);
      for (const [other, otherInput] of dangerous.filter(([each]) => each !== name)) {
        expect([name, other, codeOf(await withProof(ada, other, otherInput, proof))]).toEqual([name, other, REFUSED]);
      }
    }
  });

  it('a sign-in’s assertion, another person’s, another session’s and an old one are refused', async () => {
    const eve = await server.signIn('owner', 'Eve');
    const mine = await asked(ada, 'createKey', keys);
    const { body } = await server.call('signInOptions');
    const bySignIn = proofOf({ ...mine, options: body as never }, ada.authenticator);
    expect(codeOf(await withProof(ada, 'createKey', keys, bySignIn))).toEqual(REFUSED);
    expect(codeOf(await withProof(ada, 'createKey', keys, proofOf(mine, eve.authenticator)))).toEqual(REFUSED);
    expect(codeOf(await withProof(eve, 'createKey', keys, proofOf(mine, ada.authenticator)))).toEqual(REFUSED);
    const options = (await server.call('signInOptions')).body as never;
    const again = await server.call('signInWithPasskey', { body: { assertion: ada.authenticator.use(options) } });
    const second = server.visitorOf(again, ada.authenticator);
    expect(codeOf(await withProof(second, 'createKey', keys, proofOf(mine, ada.authenticator)))).toEqual(REFUSED);
    server.advance(5 * 60_000);
    expect(codeOf(await withProof(ada, 'createKey', keys, proofOf(mine, ada.authenticator)))).toEqual(REFUSED);
  });

  it.each<[string, Bend]>([
    ['without user verification', { flags: 0x01 }],
    ['from another origin', { origin: 'http://evil.example' }],
    ['over another challenge', { challenge: 'AAAA' }],
  ])('a proof %s is refused', async (_, bend) => {
    const proof = proofOf(await asked(ada, 'createKey', keys), ada.authenticator, bend);
    expect(codeOf(await withProof(ada, 'createKey', keys, proof))).toEqual(REFUSED);
  });

  it.each(['', 'x', 'e30', Buffer.from('{"nonce":1}').toString('base64url'), 'A'.repeat(13_000)])(
    'a header of rubbish is no proof',
    async (rubbish) => {
      expect([403, 431]).toContain((await withProof(ada, 'createKey', keys, rubbish)).status);
    },
  );

  it('a sign-in of a moment ago is not enough', async () => {
    expect(codeOf(await ada.call('makeRecoveryCodes', { stepUp: false }))).toEqual(REFUSED);
  });
});

describe('T47: small deeds that add up', () => {
  const block = (id: string): CallInput => ({
    body: { service: 'shop', action: 'block', subject: { type: 'actor', id }, durationSeconds: 60, reason: 'test' },
  });

  it('blocking or lifting many, one by one, needs a step-up in the end', async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < 31; i += 1) answers.push(await ada.call('decide', { ...block(`user-${i}`), stepUp: false }));
    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(201), ...Array(11).fill(403)]);
    expect(codeOf(answers.at(20)!)).toEqual(REFUSED);
    expect(codeOf(answers.at(-1)!)).toEqual(REFUSED);
    const id = String(answers[0]?.body['id']);
    expect(codeOf(await ada.call('lift', { params: { id }, body: {}, stepUp: false }))).toEqual(REFUSED);
    expect((await ada.call('lift', { params: { id }, body: {} })).status).toBe(200);
  });

  it('thirty about one and the same subject are everyday work, and one more within ten minutes is not', async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < 34; i += 1) answers.push(await ada.call('decide', { ...block('again-and-again'), stepUp: false }));
    expect(new Set(answers.slice(0, 30).map(({ status }) => status))).toEqual(new Set([201]));
    expect(codeOf(answers.at(-1)!)).toEqual(REFUSED);
  });

  it('many calls at once are counted as one by one, in all processes, and the same subject once', async () => {
    const other = await AdminServer.start({ shared: server });
    const calls = Array.from({ length: 40 }, (_, i) => {
      const by = { holder: ada.holder, session: ada.session };
      return (i % 2 === 0 ? server : other).call('decide', block(`crowd-${i}`), by);
    });
    const made = (await Promise.all(calls)).filter(({ status }) => status === 201).length;
    expect(made).toBe(20);
    await other.close();
    const bob = await server.signIn('owner', 'Bob');
    for (let i = 0; i < 25; i += 1)
      expect((await bob.call('decide', { ...block('one-subject'), stepUp: false })).status).toBe(201);
    server.advance(10 * 60_000);
    expect((await ada.call('decide', { ...block('later'), stepUp: false })).status).toBe(201);
  });

  it('invitations are counted', async () => {
    const statuses = [];
    for (let i = 0; i < 21; i += 1)
      statuses.push((await ada.call('invite', { body: { name: `n${i}`, role: 'analyst' } })).status);
    expect([statuses.slice(0, 20), statuses[20]]).toEqual([Array(20).fill(201), 429]);
  });
});

describe('T54: links', () => {
  it('of an invitation are good once, for as long as was said, and name the host of the configuration', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    const made = await ada.call('invite', { body: { name: 'Eve', role: 'owner', validMinutes: 15 }, headers });
    const link = String(made.body['link']);
    expect(new URL(link).origin).toBe(server.context.env.PUBLIC_URL.origin);
    const token = link.split('#')[1] ?? '';
    const many = await Promise.all(Array.from({ length: 5 }, () => server.call('signIn', { body: { token } })));
    expect(many.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401, 401]);
    const { body } = await ada.call('invite', { body: { name: 'Mallory', role: 'analyst', validMinutes: 15 } });
    server.advance(15 * 60_000);
    expect((await server.call('signIn', { body: { token: String(body['link']).split('#')[1] } })).status).toBe(401);
  });

  it('void each other: a recovery or a new passkey leaves no old link that works', async () => {
    const links = [];
    for (let i = 0; i < 3; i += 1) links.push(await createSignInLink(server.db, ada.person.id, server.now()));
    const [first, ...rest] = links;
    expect((await server.call('signIn', { body: { token: first } })).status).toBe(201);
    for (const token of rest) expect((await server.call('signIn', { body: { token } })).status).toBe(401);
    const bob = await server.signInByLink();
    const before = await createSignInLink(server.db, bob.person.id, server.now());
    await server.enrol(bob);
    expect((await server.call('signIn', { body: { token: before } })).status).toBe(401);
  });

  it('open no more than a recovery to a thief, who is told nothing about the person', async () => {
    const token = await createSignInLink(server.db, ada.person.id, server.now(), { purpose: 'reset' });
    const thief = server.visitorOf(await server.call('signIn', { body: { token } }), new Authenticator(server.origin));
    for (const name of ['alerts', 'decisions', 'services', 'members', 'overview'] as const) {
      expect(codeOf(await thief.call(name))).toEqual([403, 'recovery-only']);
    }
    await server.enrol(thief);
    expect(codeOf(await thief.call('createKey', keys))).toEqual([403, 'held']);
    expect(codeOf(await thief.call('invite', { body: { name: 'x', role: 'owner' } }))).toEqual([403, 'held']);
  });
});
