import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventTime, eventTime, isHistorical, timeOf } from './event-time.js';
import { Sender } from './sender.js';
import { Shipment, type ShipmentOptions, surveyed } from './shipment.js';
import { ShipState } from './state.js';

interface Call {
  headers: IncomingHttpHeaders;
  logs: { id: string; ts: number; path: string }[];
}
type Reply = (call: Call, response: ServerResponse) => void;

/** A server that speaks the contract of `POST /v1/requests`; a test may say how it answers the next calls. */
let server: Server;
let url: string;
let calls: Call[];
let replies: (Reply | undefined)[];
/** Distinct log ids that were answered 202: what the product counts. */
let counted: Map<string, Call['logs'][number]>;
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ship-'));
let files = 0;

const accept: Reply = ({ logs }, response) => {
  for (const log of logs) counted.set(log.id, log);
  response.writeHead(202, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ accepted: logs.length, rejected: [], feedVersion: 0 }));
};
const problem = (status: number, headers: Record<string, string> = {}, more: object = {}): Reply => {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    response.end(
      JSON.stringify({ type: 'urn:plimsoll:problem:x', title: 'No', status, code: 'overloaded', detail: 'because', ...more }),
    );
  };
};

beforeEach(async () => {
  calls = [];
  replies = [];
  counted = new Map();
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const call = { headers: request.headers, logs: JSON.parse(gunzipSync(Buffer.concat(parts)).toString()).requests };
    calls.push(call);
    (replies.shift() ?? accept)(call, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const entry = (ts: number, path = `/p${ts}`) => `{"ts":${ts},"method":"GET","path":"${path}","status":200,"ip":"1.2.3.4"}\n`;
const entries = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => entry(from + index)).join('');
function write(content: string): string {
  files += 1;
  const path = join(folder, `file-${files}`);
  writeFileSync(path, content);
  return path;
}

interface Run {
  again?: boolean;
  rule?: EventTime;
  options?: Partial<ShipmentOptions>;
  patienceMs?: number;
}
const waits: number[] = [];
async function run(paths: string[], { again = false, rule = { type: 'keep' }, options = {}, patienceMs = 60_000 }: Run = {}) {
  const target = { service: 'shop', url: 'http://same' };
  const shipped = await Promise.all(
    paths.map(async (path, index) =>
      surveyed({ path, index, format: undefined }, await ShipState.open(join(folder, 'data'), path, target, again)),
    ),
  );
  const signal = options.signal ?? new AbortController().signal;
  waits.length = 0;
  const sender = new Sender({
    url,
    key: 'plim_key',
    historical: true,
    patienceMs,
    signal,
    pause: async (ms) => {
      waits.push(ms);
    },
  });
  const quiet = { onBytes: () => {}, onBatch: () => {}, pause: async () => {} };
  const shipment = new Shipment(shipped, { sender, rule, spread: false, rate: undefined, signal, ...quiet, ...options });
  return { shipment, finished: await shipment.run() };
}

describe('shipping', () => {
  it('sends every log once, in packed batches of 500 that are marked', async () => {
    const { shipment, finished } = await run([write(entries(0, 1201))]);
    expect(finished).toBe(true);
    expect(shipment).toMatchObject({ accepted: 1201, refused: 0 });
    expect(calls.map(({ logs }) => logs.length)).toEqual([500, 500, 201]);
    expect(counted.size).toBe(1201);
    expect(calls[0]?.headers).toMatchObject({
      authorization: 'Bearer plim_key',
      'plimsoll-timing': 'historical',
      'content-encoding': 'gzip',
    });
    expect(new Set(calls.map(({ headers }) => headers['plimsoll-batch'])).size).toBe(3);
  });

  it('sends nothing the second time, and only new lines of a grown file', async () => {
    const path = write(entries(0, 10));
    await run([path]);
    expect((await run([path])).shipment.accepted).toBe(0);
    appendFileSync(path, `rubbish\n${entries(10, 15)}`);
    const { shipment } = await run([path]);
    expect(shipment.accepted).toBe(5);
    expect(shipment.tally.unparsed).toBe(1);
    expect(counted.size).toBe(15);
    expect((await run([path])).shipment.tally.lines).toBe(0);
  });

  it('changes no count when sent again, copied, or without an end to its last line', async () => {
    const path = write(entries(0, 10).trimEnd());
    await run([path]);
    await run([path]);
    await run([path], { again: true });
    await run([write(entries(0, 10).trimEnd())]);
    expect(calls.length).toBeGreaterThan(2);
    expect(counted.size).toBe(10);
    appendFileSync(path, `\n${entries(10, 12)}`);
    await run([path]);
    expect(counted.size).toBe(12);
  });

  it('begins anew with a file that was replaced', async () => {
    const path = write(entries(0, 10));
    await run([path]);
    writeFileSync(path, entries(100, 103));
    expect((await run([path])).shipment.accepted).toBe(3);
    writeFileSync(path, entries(200, 250));
    expect((await run([path])).shipment.accepted).toBe(50);
  });

  it('goes on where it was stopped, with every log counted once', async () => {
    const path = write(entries(0, 2000));
    const stop = new AbortController();
    const first = await run([path], { options: { signal: stop.signal, onBatch: () => calls.length === 2 && stop.abort() } });
    expect(first.finished).toBe(false);
    expect(counted.size).toBe(1000);
    const second = await run([path]);
    expect(second.shipment.accepted).toBe(1000);
    expect(counted.size).toBe(2000);
  });

  it('sends a batch whose answer was lost again under the same id', async () => {
    replies = [
      (call, response) => {
        accept(call, { writeHead: () => {}, end: () => {} } as unknown as ServerResponse);
        response.destroy();
      },
    ];
    const { shipment } = await run([write(entries(0, 3))]);
    expect(shipment.accepted).toBe(3);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.headers['plimsoll-batch']).toBe(calls[0]?.headers['plimsoll-batch']);
    expect(counted.size).toBe(3);
  });

  it('waits as long as it is asked to, else longer each time', async () => {
    replies = [problem(429, { 'retry-after': '7' }), problem(503, { 'retry-after': '2' }), problem(503), problem(500)];
    expect((await run([write(entries(0, 3))])).shipment.accepted).toBe(3);
    expect(waits).toEqual([7000, 2000, 2000, 4000]);
  });

  it('merges files by time and keeps their places apart', async () => {
    const paths = [write(entry(1) + entry(4) + entry(6)), write(entry(2) + entry(3) + entry(7))];
    await run(paths);
    expect(calls[0]?.logs.map(({ ts }) => ts)).toEqual([1, 2, 3, 4, 6, 7]);
    appendFileSync(paths[1] ?? '', entry(9));
    expect((await run(paths)).shipment.accepted).toBe(1);
  });

  it('halves a batch that is too large, and gives places of refused logs', async () => {
    const refused = { index: 0, field: 'path', reason: 'ugly' };
    const refuseFirst: Reply = ({ logs }, response) => {
      response.writeHead(202).end(JSON.stringify({ accepted: logs.length - 1, rejected: [refused], feedVersion: 0 }));
    };
    replies = [problem(413), accept, refuseFirst];
    const path = write(entries(0, 4));
    const { shipment } = await run([path]);
    expect(shipment).toMatchObject({ accepted: 3, refused: 1, examples: [`${path}:3: path: ugly`] });
    replies = [problem(400, {}, { errors: [{ field: 'requests[0].path', reason: 'ugly' }] })];
    expect((await run([write(entries(7, 8))])).shipment).toMatchObject({ accepted: 0, refused: 1 });
  });

  it.each([
    [problem(401), /key is not accepted/],
    [problem(404), /refuses the logs \(404\)/],
  ])('says what is wrong and keeps its place', async (reply, sentence) => {
    const path = write(entries(0, 600));
    replies = [accept, reply];
    await expect(run([path])).rejects.toThrow(sentence);
    expect((await run([path])).shipment.accepted).toBe(100);
  });

  it('gives up with a sentence when nobody answers', async () => {
    server.close();
    await expect(run([write(entries(0, 3))], { patienceMs: 0 })).rejects.toThrow(/does not answer .* goes on where it stopped/);
  });
});

describe('event time', () => {
  const span = { first: 1000, last: 5000 };
  it('is kept, shifted to end now, or played from now on', () => {
    expect(timeOf(eventTime({ time: 'keep', speed: undefined }, span, 90_000), 3000)).toBe(3000);
    expect(timeOf(eventTime({ time: 'now', speed: undefined }, span, 90_000), 5000)).toBe(90_000);
    expect(timeOf(eventTime({ time: 'now', speed: 2 }, span, 90_000), 5000)).toBe(92_000);
  });
  it('is history where a kept file ends over an hour ago', () => {
    const now = 10_000_000;
    expect(isHistorical({ type: 'keep' }, now - 3_600_001, now)).toBe(true);
    expect(isHistorical({ type: 'keep' }, now - 3_500_000, now)).toBe(false);
    expect(isHistorical({ type: 'shift', byMs: 1 }, 0, now)).toBe(false);
  });
  it('that is shifted makes new logs of each run, but not of one that goes on', async () => {
    const path = write(entries(0, 600));
    const rule: EventTime = { type: 'shift', byMs: 50_000 };
    await run([path], { rule });
    expect(calls[0]?.logs[0]?.ts).toBe(50_000);
    await run([path], { rule, again: true });
    expect(counted.size).toBe(1200);
    const other = write(entries(7000, 7600));
    replies = [accept, problem(404)];
    await expect(run([other], { rule })).rejects.toThrow();
    const before = counted.size;
    await run([other], { rule });
    expect(counted.size).toBe(before + 100);
  });
  it('that is played is sent when it is due', async () => {
    const steps: number[] = [];
    const rule: EventTime = { type: 'play', fileStart: 0, startedAt: Date.now(), speed: 1 };
    const pause = async (ms: number) => {
      steps.push(ms);
    };
    await run([write(entry(0) + entry(60_000))], { rule, options: { pause } });
    expect(calls.map(({ logs }) => logs.length)).toEqual([1, 1]);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toBeGreaterThan(50_000);
  });
});
