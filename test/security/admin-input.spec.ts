/**
 * Hostile input to the admin API (T21, T23, T25, T26, T27, T29 of the attack list), against the running server: unknown
 * fields are refused, texts stay texts, malformed bodies are refused quietly.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, expectQuiet, type Visitor } from '../setup/admin-server.js';
import { insertAlert, insertAlertRequest, insertService } from '../setup/records.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const json = { 'content-type': 'application/json' };
describe('T21, T25: fields that nobody asked for', () => {
  it.each([
    '{"id":"p1","createdAt":1}',
    '{"id":"p1","settings":{"baseLimit":1}}',
    '{"id":"p1","feedVersion":9}',
    '{"id":"p1","__proto__":{"polluted":true}}',
    '{"id":"p1","constructor":{"prototype":{"polluted":true}}}',
  ])('%s is a 400', async (body) => {
    const answer = await server.fetch('/api/services', { method: 'POST', body, headers: json }, owner);
    expect(answer.status).toBe(400);
    expectQuiet(answer);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('`__proto__` in a query is a 400 or unknown, and pollutes nothing', async () => {
    expect((await server.fetch('/api/alerts?__proto__[polluted]=1&__proto__.polluted=1', {}, owner)).status).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('T23: injection', () => {
  const texts = [
    "' or '1'='1",
    "'; drop table alert; --",
    '$1',
    '\\',
    '%',
    '_',
    '\u0000',
    '\ud800',
    '{"$ne":1}',
    'a'.repeat(768),
    '😀',
    '{{7*7}}',
  ];

  it.each(texts)('%j in a filter is a text like any other', async (subject) => {
    for (const name of ['alerts', 'decisions'] as const) {
      const answer = await owner.call(name, { query: { subject } });
      expect([answer.status, answer.body['items']]).toEqual([200, []]);
    }
    expect((await owner.call('traffic', { query: { endpoint: subject } })).status).toBe(200);
  });

  it.each(texts)('%j as a subject is stored and answered literally', async (id) => {
    const body = {
      service: 'shop',
      action: 'block',
      subject: { type: 'actor', id },
      durationSeconds: 60,
      reason: `because ${id}`.slice(0, 500),
    };
    const answer = await owner.call('decide', { body });
    expect(answer.status).toBe(201);
    const stored = id.replace(/[\u0000\ud800]/, '\ufffd');
    expect(answer.body['subject']).toEqual({ type: 'actor', id: stored });
    const list = await owner.call('decisions', { query: { subject: stored, active: 'true' } });
    expect((list.body['items'] as { subject: { id: string } }[]).map(({ subject }) => subject.id)).toContain(stored);
  });

  it.each(['state', 'kind', 'service', 'cursor', 'limit'])('%s takes nothing but its own values', async (field) => {
    for (const value of [...texts.slice(0, 6), '\u0000', '-1', '1e9', 'NaN', '[]', '__proto__', 'constructor']) {
      const answer = await owner.call('alerts', { query: { [field]: value } });
      expect([200, 400]).toContain(answer.status);
      expectQuiet(answer);
    }
  });

  it('a parameter given twice is a 400', async () => {
    expect((await server.fetch('/api/alerts?service=shop&service=bank', {}, owner)).status).toBe(400);
  });

  it('numbers at the edges are answered or refused, never a fault', async () => {
    for (const until of ['0', '1', '8640000000000000', '8640000000000001', '-1', '1e15', '0x10', ' ', 'Infinity']) {
      const answer = await owner.call('traffic', { query: { until, minutes: '10080', bucketMinutes: '1440' } });
      expect([200, 400]).toContain(answer.status);
    }
  });
});

describe('T26, T27: hostile texts of clients', () => {
  const polyglot = `"><img src=x onerror=alert(1)>'"\`=javascript:alert(1)//</script><svg/onload=alert(2)>=cmd|' /C calc'!A0`;

  it('come back as JSON data that no browser takes for a page', async () => {
    const alertId = await insertAlert(server.db, { subjectId: polyglot, explanation: polyglot, endpoint: `GET /${polyglot}` });
    await insertAlertRequest(server.db, alertId, { path: `/${polyglot}`, userAgent: polyglot, actor: polyglot });
    for (const answer of [
      await owner.call('alert', { params: { id: alertId } }),
      await owner.call('alerts', { query: { subject: polyglot } }),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(JSON.stringify(answer.body)).toContain(JSON.stringify(polyglot).slice(1, -1));
    }
  });

  it('and of people cannot forge a line of the log', async () => {
    const forged = 'x\r\n{"level":60,"msg":"forged"}\u2028\u001b[31m';
    const headers = { 'user-agent': 'agent \u00e9', 'x-request-id': 'forged' };
    await owner.call('decide', {
      body: { service: 'shop', action: 'block', subject: { type: 'actor', id: forged }, durationSeconds: 60, reason: forged },
      headers,
    });
    await server.fetch('/api/%0d%0a%7b%22level%22:60%7d', {}, owner);
    for (const line of server.logLines) {
      expect(line.endsWith('\n')).toBe(true);
      expect(line.slice(0, -1)).not.toMatch(/[\n\r\u2028\u001b]/);
      expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
    }
  });

  it('and secrets never reach the log', () => {
    const log = server.logLines.join('');
    expect(log.length).toBeGreaterThan(1_000);
    expect(log).not.toContain(owner.session.accessToken.slice(-40));
    expect(log).not.toContain(owner.cookie.split('=')[1]);
  });
});

describe('T29, T44: malformed requests', () => {
  const bodies = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '1',
    '{"token":1}',
    '{"token":null}',
    `{"token":"${'x'.repeat(5_000)}"}`,
    '{"a":1,"a":2}',
    '['.repeat(20_000),
    `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    '\u0000',
    '\ufeff{}',
    '{"token":"\\ud800aaaaaaaaaaaaaaaaaa"}',
  ];

  it.each(bodies.map((body) => [body.slice(0, 30), body]))('%j is refused quietly', async (_, body) => {
    const answer = await server.fetch('/api/session', { method: 'POST', body, headers: json });
    expect([400, 401, 429]).toContain(answer.status);
    expectQuiet(answer);
  });

  it('a body of a megabyte is a 413', async () => {
    const answer = await server.fetch('/api/session', {
      method: 'POST',
      body: `{"token":"${'x'.repeat(1_000_000)}"}`,
      headers: json,
    });
    expect([answer.status, answer.body['code']]).toEqual([413, 'too-large']);
  });
});
