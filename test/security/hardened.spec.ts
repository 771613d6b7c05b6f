/**
 * The hardened surface (T29, T30, T44, T49 of the attack list), against the running server: limits of depth and of time on
 * every request, reports of the content policy that nobody can turn into a flood, whom to tell of a hole, the first nonce.
 */
import { connect } from 'node:net';
import { namedAudit, readAudit } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, expectQuiet, type Visitor } from '../setup/admin-server.js';
import { KeyHolder } from '../setup/key-holder.js';
import { insertService } from '../setup/records.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start({
    env: { SECURITY_CONTACT: 'mailto:security@example.com,https://example.com/report' },
  });
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

/** What comes back for these bytes until the server ends the connection. @throws where it leaves it open for ten seconds */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(server.context.env.PORT), 'localhost');
    let text = '';
    socket.setTimeout(10_000, () => {
      socket.destroy();
      reject(new Error(`left open after ${JSON.stringify(bytes)}: ${text.slice(0, 200)}`));
    });
    // A reset is an end by the server, too.
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

const json = { 'content-type': 'application/json' };

describe('T29: the depth of a body', () => {
  const nested = (levels: number) => `{"id":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
  const post = (body: string) => server.fetch('/api/services', { method: 'POST', body, headers: json }, owner);

  it('is looked at before anything is read: deeper than twenty levels is refused as such', async () => {
    const answer = await post(nested(21));
    expect([answer.status, answer.body['code'], answer.body['detail']]).toEqual([
      400,
      'bad-request',
      'The body nests deeper than 20 levels.',
    ]);
  });

  it('of twenty levels is read, and refused for what it says', async () => {
    expect((await post(nested(20))).body['code']).toBe('invalid-body');
  });
});

describe('T30: the time of an answer', () => {
  /** All that reads alerts waits for this lock. */
  async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
    const client = await server.context.db.$client.connect();
    try {
      await client.query('begin');
      await client.query('lock table alert in access exclusive mode');
      return await work();
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  /** Of the short limits no other request in this file is to know: on a busy machine it would run into them. */
  async function withLimits(limits: { answerMs: number; statementMs: number }): Promise<Answer> {
    const { answerMs, statementMs } = limits;
    const hurried = await AdminServer.start({ shared: server, limits: { answerMs }, statementMs });
    try {
      return await whileLocked(() => hurried.call('alerts', {}, owner));
    } finally {
      await hurried.close();
    }
  }

  it('ends with the statement that takes too long: 503, and a time to try again', async () => {
    const answer = await withLimits({ answerMs: 30_000, statementMs: 700 });
    expect([answer.status, answer.body['code'], answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    expectQuiet(answer);
    expect((await owner.call('alerts')).status).toBe(200);
  });

  it('ends in any case, also where no statement does', async () => {
    const answer = await withLimits({ answerMs: 300, statementMs: 5_000 });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.body['detail']).toMatch(/took too long/);
    expectQuiet(answer);
  });
});

describe('T31: requests with two readings', () => {
  const accepted = (answer: string) => /^HTTP\/1\.1 (2|3)/.test(answer);

  it('are refused: two lengths, a length and chunks, chunks twice, folded and broken lines', async () => {
    const post = 'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const heads = [
      `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
      `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      `${post}Content-Length: +2\r\n\r\n{}`,
      `${post}Content-Length: 2, 2\r\n\r\n{}`,
      'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n folded\r\n\r\n',
      'GET /healthz HTTP/1.1\nHost: x\n\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n',
      'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n',
    ];
    for (const head of heads) {
      const answer = await raw(head);
      expect([head, accepted(answer)]).toEqual([head, false]);
      expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    }
  });

  it('are not made of our answers: they are as long as they say', async () => {
    for (const path of ['/healthz', '/openapi.json', '/docs', '/none', '/api/alerts']) {
      const [head = '', body = ''] = (await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).split(
        /\r\n\r\n(.*)/s,
      );
      expect(Number(/^content-length: (\d+)/im.exec(head)?.[1])).toBe(Buffer.byteLength(body));
      expect(head).not.toMatch(/transfer-encoding/i);
    }
  });
});

describe('what stands before us', () => {
  it('TRACE does not speak', async () => {
    const answer = await raw('TRACE / HTTP/1.1\r\nHost: x\r\nX-Canary: seen\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 40[045] /);
    expect(answer).not.toContain('seen');
  });

  it('no header of a proxy is believed', async () => {
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      forwarded: 'for=203.0.113.9;host=evil.example;proto=https',
      'x-real-ip': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    await owner.call('createService', { body: { id: 'forwarded' }, headers });
    const [row] = await readAudit(server.db, { action: 'service.create' }, { limit: 1 });
    expect(row?.address).toMatch(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/);
    expect((await server.fetch('/openapi.json', { headers })).text).not.toContain('evil.example');
  });
});

describe('security.txt', () => {
  it('says whom to tell, until when, and where it stands (RFC 9116)', async () => {
    const { status, text, headers } = await server.fetch('/.well-known/security.txt');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const lines = text.trimEnd().split('\r\n');
    expect(lines.filter((line) => line.startsWith('Contact: '))).toEqual([
      'Contact: mailto:security@example.com',
      'Contact: https://example.com/report',
    ]);
    const expires = Date.parse(/^Expires: (\S+Z)$/m.exec(text)?.[1] ?? '');
    expect(expires - server.now()).toBeGreaterThan(60 * 86_400_000);
    expect(expires - server.now()).toBeLessThan(365 * 86_400_000);
    expect(lines).toContain(`Canonical: ${server.origin}/.well-known/security.txt`);
  });

  it('is not there where nobody is named', async () => {
    const bare = await AdminServer.start({ shared: server });
    try {
      expect((await bare.fetch('/.well-known/security.txt')).status).toBe(404);
    } finally {
      await bare.close();
    }
  });
});

describe('the first nonce', () => {
  it('is one that proofs are made with, so that none is refused first', async () => {
    const { status, headers, body } = await server.fetch('/api/session/nonce');
    expect([status, body, headers.get('cache-control')]).toEqual([200, { cookie: false }, 'no-store']);
    const victim = await server.signIn('viewer', 'Vic');
    const holder = new KeyHolder();
    holder.nonce = headers.get('dpop-nonce') ?? undefined;
    const url = `${server.origin}/api/session/refresh`;
    const sent = {
      method: 'POST',
      headers: { dpop: holder.proof({ method: 'POST', url }), origin: server.origin, cookie: victim.cookie },
    };
    // Taken, and of another key than the session's: the refusal is of the session, not of the proof.
    expect((await server.fetch('/api/session/refresh', sent)).body['code']).toBe('session-copied');
  });

  it('says whether there is a cookie, and does not look at it', async () => {
    const headers = { cookie: '__Host-plimsoll-refresh=anything' };
    expect((await server.fetch('/api/session/nonce', { headers })).body).toEqual({ cookie: true });
  });

  it('of no use to other sites: they may not read it', async () => {
    const { headers } = await server.fetch('/api/session/nonce', { headers: { origin: 'http://evil.example' } });
    expect([headers.get('access-control-allow-origin'), headers.get('cross-origin-resource-policy')]).toEqual([
      null,
      'same-origin',
    ]);
  });
});

describe('what browsers report of the content policy', () => {
  const type = 'application/csp-report';
  const report = (fields: object = {}) =>
    JSON.stringify({
      'csp-report': {
        'document-uri': 'http://localhost/sign-in?secret=1#secret',
        'violated-directive': 'script-src-elem',
        'effective-directive': 'script-src-elem',
        'blocked-uri': 'inline',
        'line-number': 3,
        'script-sample': 'alert("secret")',
        ...fields,
      },
    });
  const send = (body: string, contentType = type) =>
    server.fetch('/api/content-reports', { method: 'POST', body, headers: { 'content-type': contentType } });
  const logged = () => server.logLines.filter((line) => line.includes('the content policy forbids'));

  it('is taken, and logged without queries, fragments and samples', async () => {
    expect((await send(report())).status).toBe(204);
    const [line = ''] = logged();
    expect(JSON.parse(line)).toMatchObject({ report: { 'effective-directive': 'script-src-elem', 'blocked-uri': 'inline' } });
    expect(line).not.toContain('secret');
  });

  it('forges no line of the log', async () => {
    expect(
      (await send(report({ 'blocked-uri': 'x\r\n{"msg":"forged"}\u2028\u001b[31m', 'source-file': 'y'.repeat(4_000) }))).status,
    ).toBe(204);
    const line = logged().at(-1) ?? '';
    expect(line.slice(0, -1)).not.toMatch(/[\n\r\u2028\u001b]/);
    expect(line.length).toBeLessThan(1_000);
  });

  it.each([
    ['no JSON', '{', type, 400],
    ['another shape', '{"a":1}', type, 400],
    ['a directive that is none', report({ 'effective-directive': '<b>' }), type, 400],
    ['a type of ours', report(), 'application/json', 415],
    ['text', report(), 'text/plain', 415],
    ['more than eight kilobytes', report({ 'source-file': 'y'.repeat(9_000) }), type, 413],
    ['deep', `{"csp-report":${'['.repeat(30)}${']'.repeat(30)}}`, type, 400],
  ])('%s is refused', async (_, body, contentType, status) => {
    const answer = await send(body, contentType);
    expect(answer.status).toBe(status);
    expectQuiet(answer);
  });

  it.each<[string, Record<string, string>, number]>([
    ['another site', { origin: 'http://evil.example' }, 403],
    ['nowhere', { origin: 'null' }, 403],
    ['a page of another site without a referrer', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    ['our page, which sends no referrer', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 204],
  ])('of %s is answered', async (_, from, status) => {
    const headers = { 'content-type': type, ...from };
    expect((await server.fetch('/api/content-reports', { method: 'POST', body: report(), headers })).status).toBe(status);
  });

  it('alone may come from null: nothing else does', async () => {
    const headers = { 'content-type': 'application/json', origin: 'null', 'sec-fetch-site': 'same-origin' };
    expect((await server.fetch('/api/session/code', { method: 'POST', body: '{}', headers })).status).toBe(403);
  });

  it('is held to a budget, and is no way to send other bodies elsewhere', async () => {
    const before = logged().length;
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(report())));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(20);
    expect(logged().length - before).toBeLessThanOrEqual(20);
    const elsewhere = await server.fetch(
      '/api/services',
      { method: 'POST', body: '{}', headers: { 'content-type': type } },
      owner,
    );
    expect(elsewhere.status).toBe(415);
  });

  it('is counted in one row of the audit', async () => {
    await server.stopServing();
    const rows = await namedAudit(server.db, await readAudit(server.db, { action: 'content-policy.report' }, { limit: 10 }));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      personId: null,
      outcome: 'denied',
      detail: { kinds: { 'script-src-elem inline': expect.any(Number) } },
    });
    const { taken, refused, faulty } = (rows[0]?.detail ?? {}) as Record<string, number>;
    expect([taken! > 2, refused! >= 20, faulty! >= 2]).toEqual([true, true, true]);
  });
});
