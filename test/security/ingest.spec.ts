/** Hostile bodies and texts at the data door, on real stores: each attack leaves the process alive and the queue usable. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createService, listKeys, readKeyText } from '@plimsoll/storage';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IngestServer, log } from '../setup/ingest-server.js';

const MiB = 1024 * 1024;
let server: IngestServer;
beforeAll(async () => {
  server = await IngestServer.start();
});
afterAll(() => server.stop());

let batch = 0;
/** After whatever was sent: the door is open, and what it takes gets into the queue. */
afterEach(async () => {
  batch += 1;
  const path = `/after-${batch}`;
  expect(await server.sendLogs([log({ path })])).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect((await server.queued()).filter(({ data }) => data.requests[0]?.['path'] === path)).toHaveLength(1);
});

const sendGzip = (bytes: Uint8Array) => server.send(new Uint8Array(gzipSync(bytes)), { 'content-encoding': 'gzip' });

describe('T28: what unpacks to far more', () => {
  it('gzip of 100 MiB is refused, and its memory is given back', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(100 * MiB, 32)));
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.send(bomb, { 'content-encoding': 'gzip' })));
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual(Array(8).fill([413, 'too-large']));
    expect([server.app.heldBytes(), server.app.counters.refused['too-large']]).toEqual([0, 8]);
  });

  it('beyond 1 MiB a ratio above 100 is refused, below it is not', async () => {
    const spaces = (bytes: number) => Buffer.from(`{"requests":[${JSON.stringify(log())}]${' '.repeat(bytes)}}`);
    expect((await sendGzip(spaces(2 * MiB))).status).toBe(413);
    expect((await sendGzip(spaces(MiB / 2))).status).toBe(202);
  });

  it('brotli and stacked gzip are not unpacked at all', async () => {
    const brotli = new Uint8Array(brotliCompressSync(Buffer.alloc(10 * MiB, 32)));
    expect((await server.send(brotli, { 'content-encoding': 'br' })).status).toBe(415);
    const stacked = new Uint8Array(gzipSync(gzipSync('{}')));
    expect((await server.send(stacked, { 'content-encoding': 'gzip, gzip' })).status).toBe(415);
    expect((await server.send(stacked, { 'content-encoding': 'gzip' })).status).toBe(400);
  });
});

describe('T29: what a parser chokes on', () => {
  it.each([
    ['arrays', '['.repeat(200_000)],
    ['closed arrays', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['objects', '{"a":'.repeat(200_000)],
    ['a field of a log', `{"requests":[{"ts":1,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`],
  ])('%s nested 200,000 deep are refused', async (_, body) => {
    expect(await server.send(body)).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
    expect(await server.send(`${JSON.stringify(log())}\n${body}`, { 'content-type': 'application/x-ndjson' })).toMatchObject({
      status: 202,
      body: { accepted: 1, rejected: [{ index: 1, reason: 'nested deeper than 20 levels' }] },
    });
  });

  it('wide objects, huge numbers, lone surrogates and broken UTF-8 cost only their log', async () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]));
    const text = JSON.stringify({ requests: [log(wide), log({ actor: '\ud800' }), '§'] }).replace(
      '"§"',
      '{"ts":1e999,"status":1e400}',
    );
    expect(await server.send(text)).toMatchObject({ status: 202, body: { accepted: 2, rejected: [{ index: 2 }] } });
    const broken = Buffer.from(JSON.stringify({ requests: [log({ actor: 'XX' })] }));
    broken.fill(0xff, broken.indexOf('XX'), broken.indexOf('XX') + 2);
    expect((await server.send(new Uint8Array(broken))).status).toBe(202);
    const stored = JSON.stringify(await server.queued());
    expect(stored).not.toMatch(/\\ud800/i);
  });

  it('of keys given twice the last one counts', async () => {
    const body = JSON.stringify({ requests: [log({ path: '/twice' })] }).replace('"status":200', '"status":"x","status":204');
    expect((await server.send(body)).status).toBe(202);
    const [job] = (await server.queued()).filter(({ data }) => data.requests[0]?.['path'] === '/twice');
    expect(job?.data.requests[0]?.['status']).toBe(204);
  });

  it('ten thousand headers are refused', async () => {
    const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x-${i}`, 'y']));
    expect((await server.sendLogs([log()], headers)).status).toBe(431);
  });
});

describe('T25: prototype pollution', () => {
  it.each(['__proto__', 'constructor'])('%s in body, log, headers and query sets nothing', async (name) => {
    const poison = name === '__proto__' ? '{"polluted":"yes"}' : '{"prototype":{"polluted":"yes"}}';
    const good = JSON.stringify(log({ path: '/polluted' }));
    const body = `{"${name}":${poison},"requests":[{"${name}":${poison},${good.slice(1)}]}`;
    expect((await server.send(body, { [name]: 'x' })).status).toBe(202);
    expect((await server.send(`{"${name}":${poison}}`)).status).toBe(400);
    expect((await server.call(`/v1/feed?${name}=1&${name}[polluted]=1`)).status).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const jobs = (await server.queued()).filter(({ data }) => data.requests[0]?.['path'] === '/polluted');
    expect(JSON.stringify(jobs)).not.toContain('yes');
  });
});

const hostileTexts = [
  ...['active', 'completed', 'stalled', 'meta', 'wait', 'events', 'id', 'marker', 'failed', 'delayed', 'paused', 'repeat'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '{shop}', '*', 'a:b:c', '../../etc/passwd', '%00', '\\'],
  ...["'; drop table alert; --", "' or '1'='1", '$(touch /tmp/x)', '`id`', `$${'{jndi:ldap://x}'}`, '{{7*7}}', '=1+1', '0'],
  ...['a\r\nSET x y\r\n', 'a\u0000b', '\u001b[31mred', 'a\u2028b', '\u202etxt.exe', '<script>alert(1)</script>', '"><img src=x>'],
];

describe('T24, T26, T27: hostile texts', () => {
  it('as ids, actors, paths and agents are data, in jobs whose ids are ours', async () => {
    for (const text of hostileTexts) {
      const answer = await server.sendLogs(
        [
          log({
            id: text,
            actor: text,
            path: `/${text}`,
            route: text,
            userAgent: text,
            credential: text,
            traceId: text.slice(0, 64),
          }),
        ],
        { 'plimsoll-batch': encodeURIComponent(text) },
      );
      expect([text, answer.status]).toEqual([text, 202]);
    }
    const jobs = await server.queued();
    expect(jobs.every(({ id }) => /^b_[\w-]{20,}$/.test(id))).toBe(true);
    const actors = new Set(jobs.flatMap(({ data }) => data.requests.map(({ actor }) => actor)));
    expect(hostileTexts.filter((text) => !/\p{Cc}|[\u2028\u202e]/u.test(text)).every((text) => actors.has(text))).toBe(true);
    expect(JSON.stringify(jobs)).not.toMatch(/\\u00[01]|\\r|\\n|\u2028|\u202e/);
  });

  it('as batch ids do not meet the keys of the queue', async () => {
    for (const name of ['active', 'completed', 'stalled', 'meta', 'wait', 'id', 'marker', '0', '7:x', 'a b']) {
      expect((await server.sendLogs([log({ path: `/batch-${name}` })], { 'plimsoll-batch': name })).status).toBe(202);
    }
    const keys = await server.redis.keys(`*${server.env.PLIMSOLL_NAMESPACE}*`);
    const types = await Promise.all(
      keys.filter((key) => /:(active|wait|completed|meta|stalled)$/.test(key)).map((key) => server.redis.type(key)),
    );
    expect(types.length).toBeGreaterThan(0);
    const queued = await server.queued();
    expect(queued.filter(({ data }) => String(data.requests[0]?.['path']).startsWith('/batch-'))).toHaveLength(10);
  });

  it('do not forge lines of our log', async () => {
    const canary = 'forged-3b1d';
    await server.call(`/v1/${canary}%0d%0a{"level":60}`, { headers: { 'user-agent': canary, 'x-request-id': canary } });
    await server.send(`{"${canary}`, { 'plimsoll-timing': canary });
    expect(server.logged()).not.toContain(canary);
  });
});

describe('T32: ten thousand invented actors', () => {
  it('are taken in a few jobs and leave nothing in the memory of the door', async () => {
    const logs = Array.from({ length: 10_000 }, (_, i) =>
      log({ path: '/invented', actor: `invented-${i}`, ip: `2001:db8::${i.toString(16)}` }),
    );
    const before = (await server.queued()).length;
    expect(await server.sendLogs(logs)).toMatchObject({ status: 202, body: { accepted: 10_000, rejected: [] } });
    expect((await server.queued()).length - before).toBe(server.env.PLIMSOLL_SHARDS);
    expect(server.app.counters.dropped).toEqual({});
  });
});

describe('T43: secrets', () => {
  it('a key in the URL is refused with the advice to revoke it', async () => {
    for (const path of [
      `/v1/feed?key=${server.key}`,
      `/v1/requests/${server.key}`,
      `/healthz?a=${server.key.replaceAll('_', '%5F')}`,
    ]) {
      const answer = await server.call(path, { key: null });
      expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request', detail: expect.stringContaining('revoke') } });
      expect(answer.text).not.toContain(readKeyText(server.key)?.secret);
    }
  });

  it('of any field that is not ours, and of query strings, get nowhere', async () => {
    const canary = 'canary-91ce7a';
    const logs = [
      log({
        path: `/pay?card=${canary}#${canary}`,
        headers: { authorization: `Bearer ${canary}`, cookie: canary },
        authorization: canary,
        body: canary,
        query: { q: canary },
        password: canary,
      }),
      log({ status: `${canary}`, token: canary }),
    ];
    const answer = await server.sendLogs(logs, { cookie: `session=${canary}`, 'x-api-key': canary });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejected: [{ index: 1 }] } });
    await server.send(`{"requests":"${canary}"}`);
    const held = await everythingInRedis();
    expect(held).toContain('/pay');
    for (const place of [answer.text, held, server.logged()]) expect(place).not.toContain(canary);
  });

  it('of our own keys lie in neither Redis nor the log', async () => {
    await server.send('{}', {}, `${server.key}x`);
    const secret = readKeyText(server.key)?.secret ?? '';
    expect(await everythingInRedis()).not.toContain(secret);
    expect(server.logged()).not.toContain(secret);
  });

  async function everythingInRedis(): Promise<string> {
    const keys = await server.redis.keys(`*${server.env.PLIMSOLL_NAMESPACE}*`);
    const dumps = await Promise.all(keys.map((key) => server.redis.dumpBuffer(key)));
    // Redis packs longer values (LZF): so the hashes of jobs are read as they are, too.
    const jobs = JSON.stringify(await server.queued());
    return [keys.join('\n'), ...dumps.map((dump) => dump?.toString('latin1') ?? ''), jobs].join('\n');
  }
});

describe('T35: one key, one service', () => {
  it('reads no other feed and writes for no other service, whatever it claims', async () => {
    await createService(server.db, { id: 'bank' }, Date.now());
    const headers = { 'x-service': 'bank', service: 'bank' };
    expect((await server.call('/v1/feed?service=bank', { headers })).status).toBe(400);
    await server.sendLogs([log({ path: '/claimed', service: 'bank', tenant: 'bank' })], headers);
    const [job] = (await server.queued()).filter(({ data }) => data.requests[0]?.['path'] === '/claimed');
    expect(job?.data.service).toBe('shop');
    expect(await listKeys(server.db, 'bank')).toEqual([]);
  });
});

describe('T29: fuzz', () => {
  const field = fc.oneof(fc.constantFrom(...Object.keys(log()), 'id', 'auth', 'verdict', '__proto__', 'length', ''), fc.string());
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(-0, 1e308, '', null, [], {}, 'x'.repeat(3_000)),
    fc.string({ unit: 'binary' }),
  );
  const mutatedLog = fc.dictionary(field, value, { maxKeys: 6 }).map((change) => ({ ...log(), ...change }));
  const body = fc.oneof(
    fc.array(fc.oneof(mutatedLog, fc.jsonValue()), { maxLength: 5 }).map((requests) => JSON.stringify({ requests })),
    fc
      .array(fc.oneof(mutatedLog, fc.jsonValue()), { maxLength: 5 })
      .map((logs) => logs.map((one) => JSON.stringify(one)).join('\n')),
    fc.json(),
    fc.string({ unit: 'binary' }),
  );
  const bytes = fc.oneof(
    body.map((text) => Buffer.from(text)),
    fc.tuple(body, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const damaged = Buffer.from(text);
      if (damaged.length > 0) damaged[at % damaged.length] = byte;
      return damaged;
    }),
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  );
  const headers = fc.record(
    {
      'content-type': fc.constantFrom(
        'application/json',
        'application/json',
        'application/x-ndjson',
        'text/plain',
        'application/json;',
      ),
      'content-encoding': fc.constantFrom('identity', 'gzip', 'br'),
      'plimsoll-batch': fc.string({ unit: fc.constantFrom(...'abc:{}*%'), minLength: 0, maxLength: 140 }),
      'plimsoll-timing': fc.constantFrom('live', 'historical', 'x'),
    },
    { requiredKeys: [] },
  );

  it('of bodies and headers is answered, and never with a fault of ours', async () => {
    const seen = new Set<number>();
    const sample = fc.record({ bytes, headers, packed: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(sample, async (attempt) => {
        const sent = attempt.packed ? gzipSync(attempt.bytes) : attempt.bytes;
        const answer = await server.send(new Uint8Array(sent), {
          ...attempt.headers,
          ...(attempt.packed ? { 'content-encoding': 'gzip' } : {}),
        });
        seen.add(answer.status);
        expect([202, 400, 413, 415]).toContain(answer.status);
        if (answer.status !== 202) expect(answer.body['code']).toEqual(expect.any(String));
        expect(answer.text).not.toMatch(/node_modules|\.ts:|\.js:|ZodError|SyntaxError| at /);
      }),
      { numRuns: 2_000, interruptAfterTimeLimit: 3_000, markInterruptAsFailure: false },
    );
    expect([...seen].sort()).toEqual(expect.arrayContaining([202, 400, 415]));
    expect(server.logged()).not.toMatch(/"level":(50|60)/);
  });
});
