/**
 * The audit under attack (T46, T47 of the attack list): every change and every refusal leaves a row of the chain, a flood of
 * refusals cannot fill the disk, and who edits, cuts or rewrites the chain is found by the running admin.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditRecord, type AuditState, adminApi, type OperationName } from '@plimsoll/contracts';
import { auditSigner, countAudit, namedAudit, readAudit, readCheckpoint, verifyAudit } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { listen } from '../setup/listener.js';
import { insertAlert, insertService } from '../setup/records.js';

let folder: string;
let server: AdminServer;
let owner: Visitor;
let analyst: Visitor;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-audit-'));
  server = await AdminServer.start({ env: { AUDIT_CHECKPOINTS: join(folder, 'checkpoints.ndjson') } });
  await insertService(server.db);
  [owner, analyst] = [await server.signIn('owner', 'Ada'), await server.signIn('analyst', 'Bob')];
});
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

const newest = async (limit = 1): Promise<AuditRecord[]> => namedAudit(server.db, await readAudit(server.db, {}, { limit }));
/** A refusal is answered after a second at the latest, whether or not its row stands by then. */
const row = async () => (await newest())[0];
const state = async (): Promise<AuditState> => (await owner.call('auditState')).body as unknown as AuditState;

describe('T46: every change leaves a row', () => {
  it('with who, what, before, after, why and whence', async () => {
    const subject = { type: 'actor', id: 'mallory' };
    const body = { service: 'shop', action: 'block', subject, durationSeconds: 60, reason: 'scraped\r\n<b>all</b>' };
    const headers = { 'user-agent': 'probe/1\u00e9' };
    const made = await analyst.call('decide', { body, headers });
    expect((await newest())[0]).toMatchObject({
      personId: analyst.person.id,
      personName: 'Bob',
      action: 'decision.block',
      outcome: 'allowed',
      object: made.body['id'],
      service: 'shop',
      parties: [subject],
      before: null,
      after: { subject, endpoint: null },
      reason: 'scraped <b>all</b>',
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
      userAgent: 'probe/1é',
      sessionId: expect.stringMatching(/^ses_/),
      requestId: made.headers.get('x-request-id'),
    });
  });

  it('also where the handler fails afterwards there is none, and the chain goes on', async () => {
    const before = await countAudit(server.db);
    const alertId = await insertAlert(server.db);
    await owner.call('resolve', { params: { id: alertId }, body: { verdict: 'true-positive' } });
    expect((await owner.call('resolve', { params: { id: alertId }, body: { verdict: 'true-positive' } })).status).toBe(409);
    expect(await countAudit(server.db)).toBe(before + 1);
  });
});

describe('T46: every refusal leaves a row', () => {
  it('of what a role may not do, of another site, of an ended session', async () => {
    await analyst.call('createService', { body: { id: 'forged' } });
    await expect.poll(row).toMatchObject({
      personId: analyst.person.id,
      action: 'access.denied',
      outcome: 'denied',
      object: 'createService',
      detail: { code: 'forbidden' },
    });
    await server.fetch('/api/services', { method: 'POST', headers: { origin: 'http://evil.example' } });
    await expect.poll(row).toMatchObject({ personId: null, outcome: 'denied', object: 'createService' });
    const ended = await server.signIn('analyst', 'Eve');
    await ended.call('signOut');
    const before = await countAudit(server.db);
    expect((await ended.call('alerts')).status).toBe(401);
    await expect.poll(row).toMatchObject({ personId: ended.person.id, outcome: 'denied', object: 'alerts' });
    expect(await countAudit(server.db)).toBe(before + 1);
  });

  it('of the socket: a renewal by another session, an event that the policy denies, a handshake of an ended session', async () => {
    const [eve, mallory] = [await server.signIn('analyst', 'Eve'), await server.signIn('analyst', 'Mallory')];
    const { socket } = await listen(server, eve);
    const told = { personId: eve.person.id, action: 'access.denied', outcome: 'denied', service: null };
    expect(await socket.emitWithAck('renew', server.liveCredentials(mallory))).toEqual({ type: 'refused' });
    await expect.poll(row).toMatchObject({ ...told, object: 'live.renew', detail: { code: 'forbidden', method: 'SOCKET' } });
    const text = 'forbid (principal, action == Action::"session.renew", resource) when { principal.role == "analyst" };';
    const made = await owner.call('createAccessPolicy', { body: { name: 'No renewal', text } });
    socket.emit('renew', server.liveCredentials(eve), () => {});
    const reasons = [`own.${String(made.body['id'])}`];
    await expect.poll(row).toMatchObject({ ...told, object: 'live.renew', detail: { action: 'session.renew', reasons } });
    await owner.call('deleteAccessPolicy', { params: { id: String(made.body['id']) } });
    await eve.call('signOut');
    await expect(listen(server, eve)).rejects.toThrow('unauthenticated');
    await expect.poll(row).toMatchObject({ ...told, object: 'live.connect', detail: { code: 'unauthenticated' } });
    const before = await countAudit(server.db);
    await expect(listen(server, { ...eve, session: { ...eve.session, liveToken: 'a.b.c' } })).rejects.toThrow('unauthenticated');
    expect(await countAudit(server.db)).toBe(before);
  });

  it('none of a token that we did not sign: anybody could fill the audit with other people’s names', async () => {
    const before = await countAudit(server.db);
    const [head, body] = owner.session.accessToken.split('.');
    for (const token of ['x', `${head}.${body}.${'A'.repeat(86)}`]) {
      expect((await server.call('alerts', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    }
    expect(await countAudit(server.db)).toBe(before);
  });
});

describe('T47: a flood of refusals', () => {
  it('is a budget of rows and one that counts the rest', async () => {
    const mine = await AdminServer.start();
    try {
      const visitor = await mine.signIn('analyst');
      const [before, begun] = [await countAudit(mine.db), mine.now()];
      await Promise.all(Array.from({ length: 120 }, () => visitor.call('createService', { body: { id: 'forged' } })));
      // Thirty, and one more for each two seconds that went by.
      const budget = 30 + Math.ceil((mine.now() - begun) / 2_000);
      await mine.stopServing();
      const [last] = await readAudit(mine.db, { action: 'access.denied-more' }, { limit: 1 });
      expect(last).toMatchObject({ outcome: 'denied', detail: { count: expect.any(Number) } });
      const { count } = (last?.detail ?? {}) as { count: number };
      const written = async () => (await countAudit(mine.db)) - before - 1;
      // The last of them may be written after their answers.
      await expect.poll(written).toBe(120 - count);
      expect(await written()).toBeLessThanOrEqual(budget);
    } finally {
      await mine.close();
    }
  });

  it('of exports comes to an end', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 14; index += 1) statuses.push((await owner.call('exportAudit')).status);
    expect(statuses).toContain(429);
    expect(statuses.filter((status) => status === 200)).toHaveLength(12);
    expect((await newest(12)).every(({ action }) => action === 'audit.export')).toBe(true);
  });
});

describe('what the audit shows', () => {
  it('is filtered and paged, and takes no made-up cursor', async () => {
    const first = await owner.call('audit', { query: { outcome: 'denied', limit: '1' } });
    expect(first.body['items']).toHaveLength(1);
    const bad = await owner.call('audit', { query: { cursor: '0x1' } });
    expect([bad.status, bad.body['code']]).toEqual([400, 'bad-request']);
  });

  it('is found by a text, in whatever case, of what it was about and why', async () => {
    const found = async (text: string) =>
      (await owner.call('audit', { query: { text, limit: '5' } })).body['items'] as AuditRecord[];
    expect((await found('SCRAPED')).map(({ action }) => action)).toContain('decision.block');
    expect(await found('no_such%text')).toEqual([]);
    expect((await found("'; --")).length).toBe(0);
  });

  it('is verified from the first row on when somebody asks: an old row that was changed is found at once', async () => {
    const mine = await AdminServer.start();
    try {
      const ada = await mine.signIn('owner');
      const ask = async (name: 'auditState' | 'verifyAudit') => (await ada.call(name)).body as unknown as AuditState;
      const before = await ask('verifyAudit');
      expect(before).toMatchObject({ state: 'whole', faults: [] });
      expect(before.wholeAt).toBeGreaterThan(mine.now() - 60_000);
      await mine.db.execute(sql`alter table audit disable trigger all`);
      await mine.db.execute(sql`update audit set reason = 'changed' where id = 2`);
      expect((await ask('auditState')).state).toBe('whole');
      expect(await ask('verifyAudit')).toMatchObject({ state: 'broken', faults: [expect.stringContaining('2')] });
      for (let i = 0; i < 6; i += 1) await ask('verifyAudit');
      expect((await ada.call('verifyAudit')).status).toBe(429);
    } finally {
      await mine.close();
    }
  });

  it('names no operation that changes something and leaves no row', () => {
    const quiet = (Object.keys(adminApi) as OperationName[]).filter((name) => 'quiet' in adminApi[name]);
    // Those about policies only look, as a verification does, and as somebody does who has seen an alert; a challenge changes
    // nothing, and the passkey that is made with it leaves its row.
    const looks = ['checkAccessPolicy', 'markSeen', 'simulateAccessPolicy', 'verifyAudit'];
    expect(quiet.sort()).toEqual([...looks, 'passkeyOptions', 'refresh'].sort());
  });

  it('has no row of what only looks or begins, and one of each such call that is refused', async () => {
    const alertId = await insertAlert(server.db);
    const before = await countAudit(server.db);
    expect((await owner.call('markSeen', { body: { alerts: [alertId] } })).status).toBe(200);
    expect((await owner.call('passkeyOptions')).status).toBe(200);
    expect(await countAudit(server.db)).toBe(before);
    for (const call of ['markSeen', 'passkeyOptions'] as const) {
      const headers = { origin: 'https://evil.example' };
      expect((await owner.call(call, { headers, ...(call === 'markSeen' && { body: {} }) })).status).toBe(403);
      await expect.poll(row).toMatchObject({ action: 'access.denied', outcome: 'denied', object: call });
    }
    const { text } = await owner.call('audit');
    expect(text).not.toMatch(/operation\.(markSeen|passkeyOptions)/);
  });
});

describe('T46: who tampers is found', () => {
  it('checkpoints stand in the table, in the file and in the log, signed by a key that only the master key gives', async () => {
    expect(await state()).toMatchObject({ state: 'whole', faults: [] });
    const lines = (await readFile(join(folder, 'checkpoints.ndjson'), 'utf8')).trim().split('\n');
    const last = readCheckpoint(lines.at(-1) ?? '', auditSigner(server.context.env.PLIMSOLL_MASTER_KEY));
    expect(last?.id).toBe((await state()).checkpoint?.id);
    expect(server.logLines.some((line) => line.includes('audit checkpoint') && line.includes(last?.jws ?? 'none'))).toBe(true);
    expect((await verifyAudit(server.db, last ? [last] : [])).faults).toEqual([]);
  });

  it('an end that was cut off, by the running process and by one that starts later', async () => {
    const signed = (await state()).checkpoint?.id ?? 0;
    await server.db.execute(sql`alter table audit disable trigger all`);
    await server.db.execute(sql`alter table audit_head disable trigger all`);
    await server.db.execute(sql`delete from audit where id > 3`);
    await server.db.execute(sql`update audit_head set id = 3, hash = (select hash from audit where id = 3)`);
    await server.db.execute(sql`delete from audit_checkpoint`);
    const fault = `rows 4 to ${signed} are missing at the end`;
    expect(await state()).toMatchObject({ state: 'broken', faults: [fault] });
    expect(server.logLines.some((line) => line.includes('the audit was tampered with'))).toBe(true);
    const later = await AdminServer.start({ shared: server, env: { AUDIT_CHECKPOINTS: join(folder, 'checkpoints.ndjson') } });
    try {
      const visitor = await later.signIn();
      const told = (await visitor.call('auditState')).body as unknown as AuditState;
      expect(told.state).toBe('broken');
    } finally {
      await later.close();
    }
  });
});
