/** T35, T52: batches of a real SDK, and somebody who has the API key, or has seen a batch, and sends it again, later or changed. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Guard, plimsoll } from '@plimsoll/sdk';
import { createKey, pinOf, readDoor, turnFeedKeys, updateKey } from '@plimsoll/storage';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IngestServer, log } from '../setup/ingest-server.js';

interface Seen {
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer<ArrayBuffer>;
  status: number;
}

let server: IngestServer;
let shiftMs = 0;
let onTheWay: Server;
let guard: Guard;
let seen: Seen[] = [];
let faults: string[] = [];
beforeAll(async () => {
  server = await IngestServer.start({}, { now: () => Date.now() + shiftMs });
  onTheWay = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks);
      const one = { url: request.url ?? '', headers: request.headers, body, status: 0 };
      seen.push(one);
      const answer = await send(one);
      one.status = answer.status;
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(answer.text);
    });
  }).listen(0, '127.0.0.1');
});
afterAll(async () => {
  onTheWay.close();
  await server.stop();
});
beforeEach(() => {
  [seen, faults, shiftMs] = [[], [], 0];
});
afterEach(() => guard?.close(0));

async function send({ url, headers, body }: Pick<Seen, 'url' | 'headers' | 'body'>, changes: Record<string, string> = {}) {
  const { host: _h, connection: _c, 'content-length': _l, ...rest } = headers;
  const all = { ...(rest as Record<string, string>), ...changes };
  const key = all['authorization']?.replace('Bearer ', '') ?? null;
  return server.call(url, { method: 'POST', headers: all, body, key });
}
async function keyOf(requireSignedBatches: boolean, service = 'shop'): Promise<{ id: string; secret: string }> {
  const pin = pinOf(await turnFeedKeys(server.db, server.env.PLIMSOLL_FEED_KEY, Date.now()));
  const made = await createKey(server.db, { service, name: 'host', pin, requireSignedBatches }, Date.now());
  return { id: made.key.id, secret: made.secret };
}
const open = (key: string, options: object = {}): Guard => {
  const url = `http://127.0.0.1:${(onTheWay.address() as AddressInfo).port}`;
  // Without a feed: the way is for batches alone.
  guard = plimsoll({ url, key, flushMs: 10, onError: ({ message }) => faults.push(message), ...options });
  return guard;
};
const record = (path: string, count = 1) => {
  for (let index = 0; index < count; index += 1) guard.record({ method: 'GET', path, status: 200, ip: '192.0.2.1' });
};
const shipped = (count: number) => expect.poll(() => guard.stats().shipped, { timeout: 8_000, interval: 10 }).toBe(count);
const batches = () => seen.filter(({ url, status }) => url === '/v1/requests' && status === 202);
const lastBatch = () => batches().at(-1) as Seen;
const logsOf = async (path: string) =>
  (await server.queued()).flatMap(({ data }) => data.requests).filter((request) => request['path'] === path);
const door = () => readDoor(server.redis, server.env.PLIMSOLL_NAMESPACE, 'shop', Date.now());

describe('a key that requires signed batches', () => {
  it('is served by an SDK that was told nothing of it, and by nobody who cannot sign', async () => {
    const { secret } = await keyOf(true);
    open(secret);
    record('/signed', 600);
    await shipped(600);
    expect(await logsOf('/signed')).toHaveLength(600);
    expect(lastBatch().headers).toMatchObject({ 'plimsoll-signature': expect.stringMatching(/^[\w-]{86}$/) });
    expect(seen.filter(({ url }) => url === '/v1/instances')).toHaveLength(1);
    const body = JSON.stringify({ requests: [log({ path: '/thief' })] });
    const unsigned = await server.send(body, { 'plimsoll-batch': 'b-1' }, secret);
    expect(unsigned).toMatchObject({ status: 401, body: { code: 'signature-required' } });
    expect(await logsOf('/thief')).toEqual([]);
    // What is on the way knows no feed.
    expect(faults.filter((message) => !/cannot be followed/.test(message))).toEqual([]);
  });

  it('refuses a batch that was seen on the way: after the next one, changed, under another name or with another time', async () => {
    const { secret } = await keyOf(true);
    open(secret);
    record('/first');
    await shipped(1);
    const first = lastBatch();
    // The very last one, as it was: that is what a retry looks like. It makes no second job.
    expect((await send(first)).status).toBe(202);
    expect(await logsOf('/first')).toHaveLength(1);
    record('/second');
    await shipped(2);
    const [again, second] = [await send(first), lastBatch()];
    expect(again).toMatchObject({ status: 409, body: { code: 'replayed' } });
    const changed = { ...second, body: Buffer.from(second.body.toString().replace('/second', '/forged')) };
    expect(changed.body.equals(second.body)).toBe(false);
    for (const [what, headers] of [
      [changed, {}],
      [second, { 'plimsoll-batch': 'another-id' }],
      [second, { 'plimsoll-signed-at': String(Number(second.headers['plimsoll-signed-at']) + 1) }],
      [second, { 'plimsoll-signature': 'A'.repeat(86) }],
    ] as const) {
      expect(await send(what, headers)).toMatchObject({ status: 401, body: { code: 'signature-invalid' } });
    }
    expect([(await logsOf('/first')).length, (await logsOf('/second')).length, (await logsOf('/forged')).length]).toEqual([
      1, 1, 0,
    ]);
  });

  it('takes no batch that was signed for another key, and no second key of one instance', async () => {
    const [own, other] = [await keyOf(true), await keyOf(true)];
    open(own.secret);
    record('/own');
    await shipped(1);
    const batch = lastBatch();
    const registration = seen.find(({ url }) => url === '/v1/instances') as Seen;
    expect(await send(batch, { authorization: `Bearer ${other.secret}` })).toMatchObject({ body: { code: 'instance-unknown' } });
    // Its registration is for the one API key as well.
    expect(await send(registration, { authorization: `Bearer ${other.secret}` })).toMatchObject({
      status: 401,
      body: { code: 'signature-invalid' },
    });
    const instance = String(batch.headers['plimsoll-instance']);
    const thief = { ...JSON.parse(registration.body.toString()), x: 'A'.repeat(43) };
    const body = Buffer.from(JSON.stringify({ ...thief, instance }));
    expect((await send({ ...registration, body })).status).toBe(401);
    expect((await send(registration)).status).toBe(204);
  });

  it('can be made of one that is in use, and takes in what the SDK had not sent yet', async () => {
    const { id, secret } = await keyOf(false);
    open(secret);
    record('/before');
    await shipped(1);
    expect(lastBatch().headers).not.toHaveProperty('plimsoll-signature');
    await updateKey(server.db, id, { requireSignedBatches: true });
    shiftMs = 6_000; // What the process knows of the key is older than five seconds now.
    record('/after');
    await shipped(2);
    expect(lastBatch().headers).toHaveProperty('plimsoll-signature');
    expect(guard.stats()).toMatchObject({ rejected: 0, dropped: 0 });
  });
});

describe('a signing SDK', () => {
  it('signs from the first batch on where its host says so, and registers anew when its key was forgotten', async () => {
    open((await keyOf(false)).secret, { signBatches: true });
    record('/one');
    await shipped(1);
    expect(batches().every(({ headers }) => headers['plimsoll-signature'] !== undefined)).toBe(true);
    const keys = await server.redis.keys(`${server.env.PLIMSOLL_NAMESPACE}:instance-key:*`);
    await server.redis.del(...keys);
    record('/two');
    await shipped(2);
    expect(seen.filter(({ url }) => url === '/v1/instances')).toHaveLength(2);
    expect([await logsOf('/one'), await logsOf('/two')].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('signs packed bodies as they are unpacked', async () => {
    open((await keyOf(true)).secret);
    for (let index = 0; index < 200; index += 1) record(`/packed/${index}-${Math.random()}`);
    await shipped(200);
    const packed = batches().filter(({ headers }) => headers['content-encoding'] === 'gzip');
    expect(packed.length).toBeGreaterThan(0);
    const plain = gunzipSync(packed[0]?.body ?? Buffer.alloc(0));
    const { 'content-encoding': _encoding, ...headers } = packed.at(-1)?.headers ?? {};
    // Somebody on the way may pack it otherwise: what was signed is what was said.
    if (packed.length === 1) expect((await send({ url: '/v1/requests', headers, body: Buffer.from(plain) })).status).toBe(202);
  });
});

describe('the door', () => {
  it('counts what was signed and refused, and what claims another time', async () => {
    const now = Date.now();
    await server.sendLogs([log({ ts: now - 16 * 60_000 }), log({ ts: now + 3_600_000 }), log()], { 'plimsoll-batch': 'times' });
    await expect
      .poll(door, { timeout: 5_000 })
      .toMatchObject({ late: 1, ahead: 1, refusedUnsigned: expect.any(Number), unsigned: expect.any(Number) });
    const { signed, refusedUnsigned, refusedSignature, refusedReplayed } = await door();
    expect(signed).toBeGreaterThan(4);
    expect(refusedUnsigned).toBeGreaterThan(1);
    expect(refusedSignature).toBeGreaterThanOrEqual(4);
    expect(refusedReplayed).toBe(1);
    const [late] = (await server.queued()).flatMap(({ data }) => data.requests).filter((request) => request['timing'] === 'late');
    expect(late).toMatchObject({ ts: now - 16 * 60_000 });
  });
});
