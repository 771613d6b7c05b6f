import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { type AuditEntry, recordAudit } from './audit.js';
import { auditSigner, checkpointAudit, readCheckpoint, signCheckpoint, storedCheckpoints } from './audit-checkpoints.js';
import { namedAudit, readAudit } from './audit-queries.js';
import { type ChainPoint, faultText, headOf, readChain, verifyAudit } from './audit-verify.js';
import { type Database, openDatabase } from './database.js';

const NOW = 1_790_000_000_000;
const START: ChainPoint = { id: 0, hash: '' };
const opened: (() => Promise<void>)[] = [];
let db: Database;
beforeEach(async () => {
  const database = openDatabase(await freshDatabase(), { max: 8 });
  opened.push(database.close);
  db = database.db;
});
afterAll(() => Promise.all(opened.map((close) => close())));

const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  at: NOW,
  personId: 'per_1',
  action: 'service.update',
  object: 'shop',
  detail: {},
  address: '192.0.2.1',
  ...change,
});
const record = async (count: number) => {
  for (let index = 0; index < count; index += 1) await recordAudit(db, entry({ detail: { index } }));
};
/** What only the owner of the database can do. */
const force = async (statement: ReturnType<typeof sql>) => {
  await db.execute(sql`alter table audit disable trigger all`);
  await db.execute(sql`alter table audit_head disable trigger all`);
  await db.execute(statement);
  await db.execute(sql`alter table audit enable trigger all`);
  await db.execute(sql`alter table audit_head enable trigger all`);
};
const faults = async (known: ChainPoint[] = []) => (await verifyAudit(db, known)).faults;

describe('the chain', () => {
  it('has one order without gaps, however many write at once, and none of what was rolled back', async () => {
    const writes = Array.from({ length: 40 }, (_, index) =>
      db.transaction(async (tx) => {
        await recordAudit(tx, entry({ detail: { index } }));
        if (index % 5 === 0) throw new Error('rolled back');
      }),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(8);
    const rows = await readChain(db, 0, 100);
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
    expect(await verifyAudit(db, [])).toEqual({ rows: 32, head: await headOf(db), faults: [] });
  });

  it('fits whatever JSON a row carries, also what PostgreSQL writes in its own way', async () => {
    const detail = {
      big: 1e21,
      small: 5e-324,
      minus: -0,
      text: 'a\u0000b\ud800',
      nested: [{ b: 1, a: [null, true] }],
      gone: undefined,
    };
    await recordAudit(db, entry({ detail, before: { z: 1, a: 2 }, after: null, reason: 'line\r\nline' }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (some) => {
        await recordAudit(db, entry({ detail: some, before: some }));
      }),
      { numRuns: 30 },
    );
    expect(await faults()).toEqual([]);
  });

  it.each([
    ['changed', sql`update audit set address = '203.0.113.9' where id = 1`],
    ['removed', sql`delete from audit where id = 2`],
    ['emptied', sql`truncate audit`],
    ['turned back', sql`update audit_head set id = 1`],
    ['taken away', sql`delete from audit_head`],
    ['cut', sql`truncate audit_head`],
  ])('cannot be %s by the statements of the product', async (_, statement) => {
    await record(2);
    await expect(db.execute(statement)).rejects.toThrow();
    expect(await faults()).toEqual([]);
  });
});

describe('the verification', () => {
  it.each([
    ['edited', sql`update audit set reason = 'none' where id = 3`, [{ type: 'edited', id: 3 }]],
    ['edited deep in its detail', sql`update audit set detail = '{"index":9}' where id = 1`, [{ type: 'edited', id: 1 }]],
    ['given to another person', sql`update audit set person_id = null where id = 5`, [{ type: 'edited', id: 5 }]],
    ['removed', sql`delete from audit where id = 2`, [{ type: 'gap', id: 2, to: 2 }]],
    ['removed at the end', sql`delete from audit where id > 3`, [{ type: 'truncated', id: 4, to: 5 }]],
    ['removed altogether', sql`delete from audit`, [{ type: 'truncated', id: 1, to: 5 }]],
  ])('names the row that was %s', async (_, statement, expected) => {
    await record(5);
    await force(statement);
    expect(await faults()).toEqual(expected);
  });

  it('names a row that was changed together with its hash, and one that was put in the place of another', async () => {
    await record(5);
    const [, second] = await readChain(db, 0, 5);
    await force(sql`update audit set hash = ${'x'.repeat(43)} where id = 2`);
    expect(await faults()).toEqual([
      { type: 'edited', id: 2 },
      { type: 'unlinked', id: 3 },
    ]);
    await force(sql`update audit set hash = ${second?.hash} where id = 2`);
    await force(sql`update audit_head set hash = 'another'`);
    expect(await faults()).toEqual([{ type: 'head', id: 5 }]);
  });

  it('finds an end that was cut off with the head, and a chain that was written anew, by a signed checkpoint', async () => {
    await record(5);
    const [, , third, , fifth] = await readChain(db, 0, 5);
    await force(sql`delete from audit where id > 3`);
    await force(sql`update audit_head set id = 3, hash = ${third?.hash}`);
    expect(await faults()).toEqual([]);
    const known = [{ id: 5, hash: fifth?.hash ?? '' }];
    expect(await faults(known)).toEqual([{ type: 'truncated', id: 4, to: 5 }]);
    await record(2);
    expect(await faults()).toEqual([]);
    expect(await faults(known)).toEqual([{ type: 'rewritten', id: 5 }]);
  });

  it('finds a reference that was given another id', async () => {
    const { parties } = await recordAudit(db, entry({ about: { type: 'actor', id: 'mallory' } }));
    await db.execute(sql`update audit_party set id = 'alice'`);
    expect(await faults()).toEqual([{ type: 'renamed', ref: parties[0] }]);
  });

  it('says each fault in a sentence', () => {
    expect(faultText({ type: 'gap', id: 2, to: 2 })).toBe('row 2 is missing');
    expect(faultText({ type: 'truncated', id: 2, to: 4 })).toBe('rows 2 to 4 are missing at the end');
  });
});

describe('a checkpoint', () => {
  const signer = auditSigner(randomBytes(32));

  it('is signed when the head has moved, once, and never over a broken chain', async () => {
    expect(await checkpointAudit(db, signer, START, NOW)).toMatchObject({ type: 'unchanged' });
    await record(2);
    const first = await checkpointAudit(db, signer, START, NOW);
    expect(first).toMatchObject({ type: 'signed', checkpoint: { id: 2, at: NOW } });
    const last = await headOf(db);
    expect(await checkpointAudit(db, signer, last, NOW)).toMatchObject({ type: 'unchanged' });
    await record(2);
    await force(sql`update audit set reason = 'x' where id = 3`);
    expect(await checkpointAudit(db, signer, last, NOW)).toEqual({ type: 'broken', faults: [{ type: 'edited', id: 3 }] });
    expect((await storedCheckpoints(db)).map(({ id }) => id)).toEqual([2]);
  });

  it('finds at once that the chain went back', async () => {
    await record(2);
    const [first] = await readChain(db, 0, 1);
    const last = await headOf(db);
    await force(sql`delete from audit where id = 2`);
    await force(sql`update audit_head set id = 1, hash = ${first?.hash}`);
    const cut = { type: 'broken', faults: [{ type: 'truncated', id: 2, to: 2 }] };
    expect(await checkpointAudit(db, signer, last, NOW)).toEqual(cut);
    await recordAudit(db, entry({ action: 'another.row' }));
    expect(await checkpointAudit(db, signer, last, NOW)).toMatchObject({ type: 'broken', faults: [{ type: 'rewritten' }] });
  });

  it('is read by a library that knows nothing of us, and by nobody with another key', async () => {
    const { jws } = signCheckpoint({ id: 7, hash: 'h' }, NOW, signer);
    const { payload, protectedHeader } = await jwtVerify(jws, signer.publicKey, { typ: 'plimsoll-audit+jws' });
    expect([payload, protectedHeader.alg, protectedHeader.kid]).toEqual([{ id: 7, hash: 'h', at: NOW }, 'ES256', signer.kid]);
    expect(readCheckpoint(jws, signer)).toEqual({ id: 7, hash: 'h', at: NOW, jws });
    expect(readCheckpoint(jws, auditSigner(randomBytes(32)))).toBeUndefined();
    const parts = jws.split('.');
    const other = Buffer.from('{"at":1,"hash":"h","id":7}').toString('base64url');
    expect(readCheckpoint([parts[0], other, parts[2]].join('.'), signer)).toBeUndefined();
    const token = await new SignJWT({ id: 7 }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' }).sign(signer.privateKey);
    expect(readCheckpoint(token, signer)).toBeUndefined();
    for (const text of ['', '..', 'a.b.c', `${jws}.x`.slice(1)]) expect(readCheckpoint(text, signer)).toBeUndefined();
  });

  it('comes from the same key for the same master key', () => {
    const master = randomBytes(32);
    expect(auditSigner(master).kid).toBe(auditSigner(master).kid);
  });
});

describe('whom rows are about', () => {
  it('stands in no row: in a list, a subject, an object, a reason; and is gone when it was erased', async () => {
    const block = { type: 'actor', id: 'carol@example.org' } as const;
    await recordAudit(
      db,
      entry({ about: block, object: block.id, reason: 'carol@example.org scraped; carol@example.orgx did not' }),
    );
    await recordAudit(
      db,
      entry({
        after: { allow: { actors: ['carol@example.org', 'dave'], addresses: ['10.0.0.0/8'] } },
        detail: { subject: block },
      }),
    );
    const rows = await readChain(db, 0, 10);
    expect(JSON.stringify(rows).replace('carol@example.orgx', '')).not.toMatch(/carol|dave|10\.0\.0/);
    expect(rows[0]?.parties[0]).toMatch(/^sub_[\w-]{24}$/);
    const named = await namedAudit(db, rows);
    expect(named[0]).toMatchObject({
      object: block.id,
      parties: [block],
      reason: 'carol@example.org scraped; carol@example.orgx did not',
    });
    expect(named[1]).toMatchObject({ after: { allow: { actors: ['carol@example.org', 'dave'] } }, detail: { subject: block } });
    expect(await readAudit(db, { subject: block.id }, { limit: 10 })).toHaveLength(2);
    await db.execute(sql`delete from audit_party where id = 'carol@example.org'`);
    expect(await faults()).toEqual([]);
    expect((await namedAudit(db, rows))[1]).toMatchObject({ after: { allow: { actors: ['erased', 'dave'] } } });
    expect(await readAudit(db, { subject: block.id }, { limit: 10 })).toEqual([]);
  });

  it('stands in no text of a row either: names of endpoints, notes; a state that only looks like an id stays one', async () => {
    const settings = (actors: string[], extra = {}) => ({ allow: { actors }, ...extra });
    const before = settings(['mallory', 'mallory.b', 'block'], {
      endpoints: [{ endpoint: 'GET /users/mallory' }, { endpoint: 'GET /users/mallory.b/x' }],
      flows: [{ name: 'mallory', steps: ['GET /', 'POST /users/mallory'] }],
    });
    const crowd = settings(
      Array.from({ length: 300 }, (_, at) => `u${at}`),
      { endpoints: [{ endpoint: 'GET /users/u299' }] },
    );
    await recordAudit(db, entry({ before, after: { ...settings([]), action: 'block' }, detail: { note: 'mallory' } }));
    await recordAudit(db, entry({ before: crowd, detail: {} }));
    const rows = await readChain(db, 0, 10);
    expect(JSON.stringify(rows)).not.toMatch(/mallory|u299/);
    expect(rows[0]?.after).toMatchObject({ action: 'block' });
    expect((await namedAudit(db, rows))[0]).toMatchObject({ before, detail: { note: 'mallory' } });
    await db.execute(sql`delete from audit_party where id like 'mallory%'`);
    expect(await faults()).toEqual([]);
    expect((await namedAudit(db, rows))[0]).toMatchObject({
      before: {
        endpoints: [{ endpoint: 'GET /users/erased' }, { endpoint: 'GET /users/erased/x' }],
        flows: [{ name: 'erased' }],
      },
    });
  });

  it('is first who stands in a text, where there are too many: no word of a route is lost without an erasure', async () => {
    const actors = [...Array.from({ length: 300 }, (_, at) => `u${at}`), 'login'];
    const before = { allow: { actors }, endpoints: [{ endpoint: 'POST /login' }] };
    await recordAudit(db, entry({ before, after: before, detail: {} }));
    expect((await namedAudit(db, await readChain(db, 0, 1)))[0]).toMatchObject({
      before: { endpoints: [{ endpoint: 'POST /login' }] },
    });
  });

  it('is one reference for one id, however many name it at once', async () => {
    const about = { type: 'actor', id: 'erin' } as const;
    const rows = await Promise.all(Array.from({ length: 8 }, () => recordAudit(db, entry({ about }))));
    expect(new Set(rows.map(({ parties }) => parties[0])).size).toBe(1);
  });

  it('keeps an id that looks like a reference apart from references', async () => {
    const id = `sub_${'a'.repeat(24)}`;
    await recordAudit(db, entry({ about: { type: 'actor', id }, object: id, detail: { note: id } }));
    const [row] = await namedAudit(db, await readChain(db, 0, 1));
    expect(row).toMatchObject({ object: id, detail: { note: id } });
  });
});

describe('the list', () => {
  it('is filtered by whole values and by the beginning of an action', async () => {
    await recordAudit(db, entry({ action: 'decision.block', service: 'shop', outcome: 'denied' }));
    await recordAudit(db, entry({ action: 'decision.lift', personId: null, at: NOW + 5 }));
    await recordAudit(db, entry({ action: 'key.create', object: 'key_1' }));
    const ids = async (filter: Parameters<typeof readAudit>[1]) =>
      (await readAudit(db, filter, { limit: 10 })).map(({ id }) => id);
    expect(await ids({})).toEqual([3, 2, 1]);
    expect(await ids({ action: 'decision.' })).toEqual([2, 1]);
    expect(await ids({ action: 'decision' })).toEqual([]);
    expect(await ids({ action: '%.' })).toEqual([]);
    expect(await ids({ outcome: 'denied' })).toEqual([1]);
    expect(await ids({ service: 'shop' })).toEqual([1]);
    expect(await ids({ personId: 'per_1', object: 'key_1' })).toEqual([3]);
    expect(await ids({ from: NOW + 1, until: NOW + 9 })).toEqual([2]);
    expect((await readAudit(db, {}, { below: 3, limit: 1 })).map(({ id }) => id)).toEqual([2]);
  });
});
