import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { COLUMNS_TYPE } from '@plimsoll/contracts';
import { createKey, createService, findKeyByPrefix, listKeys, revokeKey } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IngestServer, log, type QueuedJob } from '../../../test/setup/ingest-server.js';
import { PARSED_FACTOR } from './entries.js';

const MiB = 1024 * 1024;
let server: IngestServer;
let shiftMs = 0;
beforeAll(async () => {
  server = await IngestServer.start({}, { now: () => Date.now() + shiftMs });
});
afterAll(() => server.stop());

const jobsWith = async (path: string): Promise<QueuedJob[]> =>
  (await server.queued()).filter(({ data }) => data.requests.some((request) => request['path'] === path));

describe('POST /v1/requests answers 202', () => {
  it('and has queued what it accepted, one job a shard', async () => {
    const logs = Array.from({ length: 100 }, (_, i) => log({ path: '/queued', actor: `actor-${i}` }));
    const answer = await server.sendLogs(logs, { 'plimsoll-batch': 'first' });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 100, rejected: [], feedVersion: 0 } });
    const jobs = await jobsWith('/queued');
    expect(new Set(jobs.map(({ shard }) => shard))).toEqual(new Set([0, 1, 2, 3]));
    expect(jobs.every(({ data, shard }) => data.service === 'shop' && shard === (data as { shard?: number }).shard)).toBe(true);
    expect(jobs.flatMap(({ data }) => data.requests)).toHaveLength(100);
  });

  it.each([
    ['JSON', 'application/json', false],
    ['JSON, gzipped', 'application/json', true],
    ['NDJSON', 'application/x-ndjson', false],
    ['NDJSON, gzipped', 'application/x-ndjson', true],
  ])('to %s', async (name, type, packed) => {
    const path = `/${name.replace(/\W/g, '-')}`;
    const logs = [log({ path }), log({ path })];
    const text =
      type === 'application/json' ? JSON.stringify({ requests: logs }) : logs.map((one) => JSON.stringify(one)).join('\n');
    const headers = { 'content-type': type, ...(packed ? { 'content-encoding': 'gzip' } : {}) };
    expect(await server.send(packed ? new Uint8Array(gzipSync(text)) : text, headers)).toMatchObject({
      status: 202,
      body: { accepted: 2 },
    });
    expect((await jobsWith(path)).flatMap(({ data }) => data.requests)).toHaveLength(2);
  });

  it.each([true, false])('to columns (gzipped: %s), log by log, and knows a batch that comes again', async (packed) => {
    const path = `/columns-${packed}`;
    const columns = { ts: [0, 1, 1], duration: 250, status: [200, 99, 404], bytesIn: 0, bytesOut: 0, method: 0, path: 1, ip: 2 };
    const text = JSON.stringify({ count: 3, from: Date.now() - 10, values: ['GET', path, '192.0.2.7'], columns });
    const headers = {
      'content-type': COLUMNS_TYPE,
      'plimsoll-batch': path,
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    };
    const rejected = [{ index: 1, field: 'status', reason: expect.any(String) }];
    for (let time = 0; time < 2; time += 1) {
      const answer = await server.send(packed ? new Uint8Array(gzipSync(text)) : text, headers);
      expect(answer).toMatchObject({ status: 202, body: { accepted: 2, rejected } });
    }
    const requests = (await jobsWith(path)).flatMap(({ data }) => data.requests);
    expect(requests.map(({ status, durationMs, verdict }) => ({ status, durationMs, verdict }))).toEqual([
      { status: 200, durationMs: 2.5, verdict: 'allow' },
      { status: 404, durationMs: 2.5, verdict: 'allow' },
    ]);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(2);
  });

  it('and takes the good logs of a batch, naming the others', async () => {
    const logs = [log({ path: '/mixed' }), log({ status: 'x' }), null, log({ path: '/mixed', ip: 'nowhere' })];
    const answer = await server.sendLogs(logs);
    expect(answer).toMatchObject({
      status: 202,
      body: {
        accepted: 1,
        rejected: [
          { index: 1, field: 'status', reason: expect.stringContaining('number') },
          { index: 2, field: '', reason: expect.stringContaining('object') },
          { index: 3, field: 'ip', reason: 'an IPv4 or IPv6 address' },
        ],
      },
    });
    expect(answer.body).not.toHaveProperty('rejectedTotal');
    expect(await jobsWith('/mixed')).toHaveLength(1);
  });

  it('and counts the refused logs that it does not list', async () => {
    const answer = await server.sendLogs([log(), ...Array.from({ length: 150 }, () => ({}))]);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejectedTotal: 150 } });
    expect(answer.body['rejected']).toHaveLength(100);
  });

  it('again to a retry, which makes no second job', async () => {
    const logs = [log({ path: '/retried' })];
    for (let i = 0; i < 3; i += 1) expect((await server.sendLogs(logs, { 'plimsoll-batch': 'again' })).status).toBe(202);
    expect(await jobsWith('/retried')).toHaveLength(1);
    const body = JSON.stringify({ requests: [log({ path: '/no-batch-id' })] });
    await server.send(body);
    await server.send(new Uint8Array(gzipSync(body)), { 'content-encoding': 'gzip' });
    expect(await jobsWith('/no-batch-id')).toHaveLength(1);
    await server.sendLogs([log({ path: '/no-batch-id' })], { 'plimsoll-batch': 'other' });
    expect(await jobsWith('/no-batch-id')).toHaveLength(2);
  });

  it('and loses nothing to a client that uses a batch id twice', async () => {
    for (const path of ['/reused/a', '/reused/b']) await server.sendLogs([log({ path })], { 'plimsoll-batch': 'reused' });
    expect([...(await jobsWith('/reused/a')), ...(await jobsWith('/reused/b'))]).toHaveLength(2);
  });

  it('and marks historical and late logs, and none as of the future', async () => {
    const now = Date.now();
    await server.sendLogs([log({ path: '/old', ts: now })], { 'plimsoll-timing': 'historical' });
    await server.sendLogs([log({ path: '/late', ts: now - 3_600_000 }), log({ path: '/late', ts: now + 3_600_000 })]);
    expect((await jobsWith('/old'))[0]?.data.requests[0]).toMatchObject({ timing: 'historical', ts: now });
    const [job] = await jobsWith('/late');
    expect(job?.data.requests.map(({ timing }) => timing)).toEqual(['late', 'live']);
    expect(job?.data.requests[1]?.['ts']).toBe(job?.data.receivedAt);
  });

  it('to each key for its own service only', async () => {
    await createService(server.db, { id: 'bank' }, Date.now());
    const { secret } = await createKey(server.db, { service: 'bank', name: 'test' }, Date.now());
    await server.send(JSON.stringify({ requests: [log({ path: '/whose', service: 'shop' })], service: 'shop' }), {}, secret);
    expect((await jobsWith('/whose'))[0]?.data.service).toBe('bank');
  });

  it('and notes that the key was used', async () => {
    await server.sendLogs([log()]);
    const other = await IngestServer.start({ DATABASE_URL: server.env.DATABASE_URL });
    await other.sendLogs([log()]);
    const before = Date.now();
    await other.stop();
    const used = (await listKeys(server.db, 'shop')).map(({ lastUsedAt }) => lastUsedAt);
    expect(used.some((at) => at !== null && at <= before && at > before - 60_000)).toBe(true);
  });
});

describe('POST /v1/requests refuses', () => {
  const refused = (status: number, code: string) => ({ status, body: { status, code, type: `urn:plimsoll:problem:${code}` } });
  const good = JSON.stringify({ requests: [log()] });

  it.each([
    ['no JSON', '{', {}],
    ['another shape', '[]', {}],
    ['an empty batch', '{"requests":[]}', {}],
    ['columns that do not fit', '{"count":2,"from":1,"values":[],"columns":{"status":[200]}}', { 'content-type': COLUMNS_TYPE }],
    ['a timing it does not know', good, { 'plimsoll-timing': 'tomorrow' }],
    ['an endless batch id', good, { 'plimsoll-batch': 'x'.repeat(129) }],
    ['damaged gzip', good, { 'content-encoding': 'gzip' }],
  ])('%s with 400', async (_, body, headers) => {
    const answer = await server.send(body, headers as Record<string, string>);
    expect(answer).toMatchObject({
      status: 400,
      body: { status: 400, code: expect.stringMatching(/^(bad-request|invalid-body)$/) },
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('a batch without a single good log with 400 and the list', async () => {
    const answer = await server.sendLogs([log({ status: 0 }), 1]);
    expect(answer).toMatchObject(refused(400, 'invalid-body'));
    expect(answer.body['errors']).toEqual([
      { field: 'requests[0].status', reason: expect.any(String) },
      { field: 'requests[1]', reason: expect.any(String) },
    ]);
  });

  it('a truncated gzip with 400', async () => {
    const packed = gzipSync(good);
    const answer = await server.send(new Uint8Array(packed.subarray(0, packed.length - 10)), { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject(refused(400, 'bad-request'));
  });

  it('who has no key or a wrong one with 401', async () => {
    expect(await server.send(good, {}, null)).toMatchObject(refused(401, 'unauthenticated'));
    expect(await server.send(good, { authorization: 'Basic abc' }, null)).toMatchObject(refused(401, 'unauthenticated'));
    const otherSecret = `${server.key.slice(0, 60)}${server.key[60] === 'A' ? 'B' : 'A'}${server.key.slice(61)}`;
    const unknown = `plim_${'0'.repeat(12)}_${'x'.repeat(43)}`;
    for (const key of ['x', unknown, otherSecret]) {
      const answer = await server.send(good, {}, key);
      expect(answer).toMatchObject(refused(401, 'invalid-key'));
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="plimsoll"');
    }
  });

  it('a revoked key with 401, once what it knew of it is 5 s old', async () => {
    const { key, secret } = await createKey(server.db, { service: 'shop', name: 'leaked' }, Date.now());
    expect((await server.send(good, {}, secret)).status).toBe(202);
    await revokeKey(server.db, key.id, Date.now());
    shiftMs += 5_000;
    expect(await server.send(good, {}, secret)).toMatchObject(refused(401, 'invalid-key'));
    expect((await findKeyByPrefix(server.db, key.prefix))?.key.revokedAt).not.toBeNull();
  });

  it('other methods and paths with 404', async () => {
    for (const [method, path] of [
      ['GET', '/v1/requests'],
      ['DELETE', '/v1/requests'],
      ['POST', '/v1/request'],
      ['GET', '/'],
      ['OPTIONS', '/v1/requests'],
    ] as const) {
      expect(await server.call(path, { method })).toMatchObject(refused(404, 'not-found'));
    }
  });

  it('too much with 413', async () => {
    const large = `{"requests":[${JSON.stringify(log())}${' '.repeat(8 * MiB)}]}`;
    expect(await server.send(large)).toMatchObject(refused(413, 'too-large'));
    const noise = Buffer.from(Array.from({ length: 2.5 * MiB }, () => Math.floor(Math.random() * 256)));
    expect(await server.send(new Uint8Array(gzipSync(noise)), { 'content-encoding': 'gzip' })).toMatchObject(
      refused(413, 'too-large'),
    );
    expect(await server.sendLogs(Array.from({ length: 10_001 }, () => 1))).toMatchObject(refused(413, 'too-large'));
  });

  it('too much without a length with 413', async () => {
    const chunk = new Uint8Array(MiB).fill(32);
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (let i = 0; i < 12; i += 1) {
          controller.enqueue(chunk);
          await pause(0);
        }
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } };
    expect(await server.call('/v1/requests', init as RequestInit)).toMatchObject(refused(413, 'too-large'));
  });

  it.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': '' }],
    [{ 'content-encoding': 'br' }],
    [{ 'content-encoding': 'deflate' }],
    [{ 'content-encoding': 'gzip, gzip' }],
  ])('%j with 415', async (headers) => {
    expect(await server.send(good, headers as unknown as Record<string, string>)).toMatchObject(
      refused(415, 'unsupported-media-type'),
    );
  });
});

describe('POST /v1/requests holds a key to its rate', () => {
  it('with 429 and the time to wait, until the debt is paid', async () => {
    let shift = 0;
    const slow = await IngestServer.start({ PLIMSOLL_KEY_RATE: '10' }, { now: () => Date.now() + shift });
    try {
      const logs = Array.from({ length: 150 }, (_, i) => log({ actor: `a${i}` }));
      expect((await slow.sendLogs(logs)).status).toBe(202);
      const answer = await slow.sendLogs(logs);
      expect(answer).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(4);
      const { secret } = await createKey(slow.db, { service: 'shop', name: 'other' }, Date.now());
      expect((await slow.send(JSON.stringify({ requests: [log()] }), {}, secret)).status).toBe(202);
      shift = Number(answer.headers.get('retry-after')) * 1_000;
      expect((await slow.sendLogs([log()])).status).toBe(202);
    } finally {
      await slow.stop();
    }
  });
});

describe('memory', () => {
  it('counts a body with what it becomes when it is parsed, and gives all of it back', async () => {
    const body = JSON.stringify({ requests: Array.from({ length: 5_000 }, () => log({ x: [[], [], [], []] })) });
    let most = 0;
    let done = false;
    const sample = () => {
      most = Math.max(most, server.app.heldBytes());
      if (!done) setImmediate(sample);
    };
    sample();
    const answer = await server.send(body);
    done = true;
    expect(answer.status).toBe(202);
    expect(most).toBe(body.length * PARSED_FACTOR);
    expect(server.app.heldBytes()).toBe(0);
  });
});
