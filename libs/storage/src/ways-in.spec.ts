/** Passkeys, recovery codes, recoveries, members and the second person, on the real tables. */
import type { Person } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { openSessionIds } from './account-sessions.js';
import { HOLD_MS, heldUntil, lockAccount, readAccount } from './accounts.js';
import { APPROVAL_MS, answerApproval, askApproval, listApprovals, spendApproval } from './approvals.js';
import { type Database, openDatabase, type Transaction } from './database.js';
import { listMembers, updateMember } from './members.js';
import { addNotice, listNotices, putNoticeAway } from './notices.js';
import { addPasskey, listPasskeys, MAX_PASSKEYS, notePasskeyUse, removePasskey, spendChallenge } from './passkeys.js';
import { createPerson, createSignInLink, readSignInLink, redeemSignInLink } from './people.js';
import { beginRecovery } from './recovery.js';
import { makeRecoveryCodes, recoveryCodesLeft, redeemRecoveryCode } from './recovery-codes.js';
import { recoveryCode } from './schema-people.js';
import { openSession, PersonDisabled, readSessions } from './sessions.js';

const T0 = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 12 });
  db = database.db;
});
afterAll(() => database.close());

const tx = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => db.transaction(work);
const person = (role: Person['role'] = 'owner') => createPerson(db, { name: 'Ada', role }, T0);
let made = 0;
const draft = (personId: string) => {
  made += 1;
  const flags = { counter: 0, transports: [], backupEligible: false, backedUp: false };
  return { personId, credentialId: `credential-${made}`, publicKey: 'key', name: `Key ${made}`, ...flags };
};
const addOne = async (personId: string) => {
  const added = await tx((each) => addPasskey(each, draft(personId), T0));
  if (added.type !== 'added') throw new Error(added.type);
  return added.passkey;
};
const open = (personId: string, now = T0) =>
  tx((each) => openSession(each, { personId, userAgent: '', jkt: 'j', amr: 'passkey', address: '192.0.2.1' }, now));

describe('accounts', () => {
  it('have one random handle each, also when many ask at once', async () => {
    const [{ id }, other] = [await person(), await person()];
    const handles = await Promise.all(Array.from({ length: 8 }, () => tx((each) => lockAccount(each, id))));
    expect(new Set(handles.map(({ userHandle }) => userHandle)).size).toBe(1);
    expect(handles[0]?.userHandle).toMatch(/^[\w-]{43}$/);
    expect((await tx((each) => lockAccount(each, other.id))).userHandle).not.toBe(handles[0]?.userHandle);
  });
});

describe('passkeys', () => {
  it('are removed down to one, also by two who remove at once', async () => {
    const { id } = await person();
    const keys = [await addOne(id), await addOne(id)];
    const removals = await Promise.all(keys.map((key) => tx((each) => removePasskey(each, id, key.id))));
    expect(removals.map(({ type }) => type).sort()).toEqual(['last', 'removed']);
    expect(await listPasskeys(db, id)).toHaveLength(1);
    expect(await tx((each) => removePasskey(each, id, 'pk_none'))).toEqual({ type: 'missing' });
  });

  it('belong to one person and are at most twenty', async () => {
    const [{ id }, other] = [await person(), await person()];
    const key = await addOne(id);
    const stolen = { ...draft(other.id), credentialId: key.credentialId };
    expect(await tx((each) => addPasskey(each, stolen, T0))).toEqual({ type: 'known' });
    expect(await tx((each) => removePasskey(each, other.id, key.id))).toEqual({ type: 'missing' });
    for (let i = 1; i < MAX_PASSKEYS; i += 1) await addOne(id);
    expect(await tx((each) => addPasskey(each, draft(id), T0))).toEqual({ type: 'full' });
  });

  it('keep the highest counter', async () => {
    const { id } = await person();
    const key = await addOne(id);
    const note = (counter: number, row = key) =>
      tx((each) => notePasskeyUse(each, row, { counter, backedUp: false }, T0 + counter));
    expect(await note(7)).toBe('noted');
    const [seven] = await listPasskeys(db, id);
    expect(await note(3, { ...seven!, backupEligible: true })).toBe('noted');
    expect(await listPasskeys(db, id)).toMatchObject([{ counter: 7, lastUsedAt: T0 + 3 }]);
    // Two of a key that cannot be copied, both judged by the row of before.
    const both = await Promise.all([note(9, seven), note(9, seven)]);
    expect(both.sort()).toEqual(['noted', 'overtaken']);
    expect(await note(0, seven)).toBe('noted');
    expect(await note(11, { ...seven!, id: 'pk_gone' })).toBe('gone');
  });

  it('let a challenge be spent once, of many at once', async () => {
    const spent = await Promise.all(
      Array.from({ length: 8 }, () => tx((each) => spendChallenge(each, 'challenge', T0 + 300_000, T0))),
    );
    expect(spent.filter(Boolean)).toHaveLength(1);
  });
});

describe('recovery codes', () => {
  it('are ten of 120 bits, good once, however they are typed, and only hashes are kept', async () => {
    const { id } = await person();
    const codes = await tx((each) => makeRecoveryCodes(each, id, T0));
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
    const [first = '', second = ''] = codes;
    expect(JSON.stringify(await db.select().from(recoveryCode))).not.toContain(first.replaceAll('-', ''));
    const used = await Promise.all(Array.from({ length: 8 }, () => tx((each) => redeemRecoveryCode(each, first, T0))));
    expect(used.filter(Boolean)).toEqual([id]);
    const typed = ` ${second.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    expect(await tx((each) => redeemRecoveryCode(each, typed, T0))).toBe(id);
    expect(await recoveryCodesLeft(db, id)).toEqual({ left: 8, madeAt: T0 });
    await tx((each) => makeRecoveryCodes(each, id, T0));
    expect(await tx((each) => redeemRecoveryCode(each, codes[2] ?? '', T0))).toBeUndefined();
  });
});

describe('a recovery', () => {
  it('ends every session and link, holds for a day, and is told of', async () => {
    const { id } = await person();
    const { session } = await open(id);
    const link = await createSignInLink(db, id, T0);
    const ended = await tx((each) => beginRecovery(each, { personId: id, by: 'recovery code', address: '192.0.2.9' }, T0));
    expect(ended).toEqual([session.id]);
    expect((await readSessions(db, [session.id])).get(session.id)?.revoked).toBe(true);
    expect(await tx((each) => redeemSignInLink(each, link, T0))).toBeUndefined();
    const state = await readAccount(db, id);
    expect([heldUntil(state, T0 + HOLD_MS - 1), heldUntil(state, T0 + HOLD_MS)]).toEqual([T0 + HOLD_MS, null]);
    const [told, ...rest] = await listNotices(db, id);
    expect([told, rest]).toMatchObject([{ kind: 'recovered', what: 'recovery code', address: '192.0.2.9' }, []]);
    expect(await tx((each) => putNoticeAway(each, 'per_other', told?.id ?? ''))).toBe(false);
    expect(await tx((each) => putNoticeAway(each, id, told?.id ?? ''))).toBe(true);
  });

  it('is one of at most fifty things to be told', async () => {
    const { id } = await person();
    for (let i = 0; i < 53; i += 1) {
      await addNotice(db, { personId: id, kind: 'recovered', at: T0 + i, address: '', what: String(i) });
    }
    const notices = await listNotices(db, id);
    expect([notices.length, notices[0]?.what, notices.at(-1)?.what]).toEqual([50, '52', '3']);
  });
});

describe('members', () => {
  it('are invited, active or disabled, and the last owner who can sign in stays one', async () => {
    const own = openDatabase(await freshDatabase(), { max: 8 });
    try {
      const [ada, bob] = [
        await createPerson(own.db, { name: 'Ada', role: 'owner' }, T0),
        await createPerson(own.db, { name: 'Bob', role: 'owner' }, T0 + 1),
      ];
      const signIn = (personId: string) =>
        own.db.transaction((each) => openSession(each, { personId, userAgent: '', jkt: 'j', amr: 'link' }, T0));
      await signIn(ada.id);
      const link = await createSignInLink(own.db, bob.id, T0, { purpose: 'invitation', validMs: 86_400_000 });
      expect(await readSignInLink(own.db, link, T0 + 1)).toEqual({ person: bob, purpose: 'invitation' });
      expect(await listMembers(own.db, T0 + 2)).toMatchObject([
        { name: 'Ada', state: 'active', sessions: 1, passkeys: 0, lastUsedAt: T0, linkUntil: null },
        { name: 'Bob', state: 'invited', sessions: 0, lastUsedAt: null, linkUntil: T0 + 86_400_000 },
      ]);
      const change = (id: string, what: object) => own.db.transaction((each) => updateMember(each, id, what, T0 + 3));
      expect(await change(ada.id, { role: 'analyst' })).toEqual({ type: 'last-owner' });
      expect(await change(ada.id, { disabled: true })).toEqual({ type: 'last-owner' });
      const sales = { attributes: { everyTeam: false, teams: ['sales'], services: [], groups: [] } };
      expect(await change(ada.id, sales)).toEqual({ type: 'last-owner' });
      await signIn(bob.id);
      // An owner of some teams cannot manage the installation: it does not count.
      expect(await change(bob.id, sales)).toMatchObject({
        before: { attributes: { everyTeam: true } },
        member: { role: 'owner', attributes: sales.attributes },
      });
      for (const what of [{ role: 'analyst' }, { disabled: true }, sales])
        expect(await change(ada.id, what)).toEqual({ type: 'last-owner' });
      await change(bob.id, { attributes: { ...sales.attributes, everyTeam: true } });
      const both = await Promise.all([ada, bob].map(({ id }) => change(id, { role: 'analyst' })));
      expect(both.map(({ type }) => type).sort()).toEqual(['changed', 'last-owner']);
    } finally {
      await own.close();
    }
  });

  it('who are disabled open no session, and their links are void', async () => {
    const { id } = await person('analyst');
    const link = await createSignInLink(db, id, T0);
    expect(await tx((each) => updateMember(each, id, { disabled: true }, T0))).toMatchObject({ member: { state: 'disabled' } });
    expect(await tx((each) => redeemSignInLink(each, link, T0))).toBeUndefined();
    await expect(open(id)).rejects.toThrow(PersonDisabled);
    await tx((each) => updateMember(each, id, { disabled: false }, T0));
    await open(id);
    expect(await openSessionIds(db, id, T0 + 1)).toHaveLength(1);
  });
});

describe('a second person', () => {
  const call = { operation: 'updateService', params: { id: 'shop' }, body: { dryRun: true }, digest: 'digest' };

  it('approves one call of another, which is good once', async () => {
    const [ada, bob] = [await person(), await person()];
    const ask = () => tx((each) => askApproval(each, ada.id, call, T0));
    expect([await ask(), await ask()]).toEqual([true, true]);
    const [asked, ...more] = await listApprovals(db, ada.id, T0);
    expect([asked, more]).toMatchObject([{ state: 'waiting', own: true, body: { dryRun: true } }, []]);
    const answer = (personId: string, yes: boolean, now = T0 + 1) =>
      tx((each) => answerApproval(each, { id: asked?.id ?? '', personId, yes }, now));
    expect(await answer(ada.id, true)).toEqual({ type: 'own' });
    expect(await tx((each) => spendApproval(each, ada.id, call.digest, T0 + 1))).toBe(false);
    expect(await answer(bob.id, true)).toMatchObject({ type: 'answered', approval: { state: 'approved' } });
    expect(await answer(bob.id, true)).toEqual({ type: 'over' });
    expect(await tx((each) => spendApproval(each, bob.id, call.digest, T0 + 2))).toBe(false);
    expect(await tx((each) => spendApproval(each, ada.id, 'another call', T0 + 2))).toBe(false);
    const spent = await Promise.all(
      Array.from({ length: 4 }, () => tx((each) => spendApproval(each, ada.id, call.digest, T0 + 2))),
    );
    expect(spent.filter(Boolean)).toHaveLength(1);
  });

  it('does not answer what has run out, and is not asked without end', async () => {
    const [ada, bob] = [await person(), await person()];
    await tx((each) => askApproval(each, ada.id, call, T0));
    const [asked] = await listApprovals(db, ada.id, T0);
    const late = { id: asked?.id ?? '', personId: bob.id, yes: true };
    expect(await tx((each) => answerApproval(each, late, T0 + APPROVAL_MS))).toEqual({ type: 'over' });
    const asks: boolean[] = [];
    for (let i = 0; i < 21; i += 1) {
      asks.push(await tx((each) => askApproval(each, bob.id, { ...call, digest: `digest-${i}` }, T0)));
    }
    expect(asks.filter(Boolean)).toHaveLength(20);
  });
});
