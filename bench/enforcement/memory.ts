/** What the SDK holds and takes with 100,000 decisions and full buffers, in a process of its own. */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FeedDecision } from '@plimsoll/contracts';
import { fakeKey, frameEvent, keysEvent } from '../../libs/sdk/test/fake-signer.js';
import { type Figure, figure } from '../report.js';

const DECISIONS = 100_000;
/** As many as ingestion puts into one part of a snapshot. */
const PART = 250;
const signer = fakeKey();
const key = `plim_aaaaaaaaaaaa_${'b'.repeat(43)}_${signer.kid.slice(0, 22)}`;

interface Held {
  heldMiB: number;
  rssMiB: number;
  longestMs: number;
  buffered: number;
  lookupUs: number;
  bothUs: number;
  bothP99Us: number;
}

/** As the worker makes them: half blocks, half throttles on an endpoint, each with a reason of its own. */
function decision(index: number): FeedDecision {
  const throttle = index % 2 === 1;
  return {
    id: `dec_${randomBytes(12).toString('base64url')}`,
    version: index + 1,
    action: throttle ? 'throttle' : 'block',
    subject:
      index % 4 < 2
        ? { type: 'actor', id: `stranger-${index}` }
        : { type: 'address', id: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` },
    endpoint: throttle ? `GET /resources-${index % 200}/:id` : null,
    rate: throttle ? { requests: 10 + (index % 90), windowSeconds: 60 } : null,
    reason: `${400 + (index % 600)} requests in 60 s, where it usually makes at most ${index % 40}`,
    until: Date.now() + 3_600_000,
  };
}

/** Streams all decisions, and takes no request log: it never answers. */
function silentSink(): Server {
  const parts = Array.from({ length: DECISIONS / PART }, (_, part) =>
    Array.from({ length: PART }, (_, index) => decision(part * PART + index)),
  );
  const place = () => ({
    service: 'shop',
    environment: 'bench',
    version: DECISIONS,
    issuedAt: Date.now(),
    expiresAt: Date.now() + 300_000,
  });
  const stream = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const nonce = String(request.headers['plimsoll-nonce']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(keysEvent([signer]));
    response.write(frameEvent({ type: 'hello', ...place(), key: key.slice(5, 17), nonce, receiptMs: 600_000 }, signer));
    for (const [part, decisions] of parts.entries()) {
      const frame = { type: 'snapshot' as const, ...place(), snapshot: 'one', part, parts: parts.length, decisions };
      if (!response.write(frameEvent(frame, signer))) await once(response, 'drain');
    }
    setInterval(() => response.write(frameEvent({ type: 'beat', ...place() }, signer)), 5_000).unref();
  };
  return createServer((request, response) => {
    request.resume();
    if (request.url?.startsWith('/v1/feed/stream')) void stream(request, response);
    else if (request.url === '/v1/receipts') response.writeHead(204).end();
  });
}

export async function memory(): Promise<Figure[]> {
  const sink = silentSink().listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  const script = fileURLToPath(new URL('memory-host.js', import.meta.url));
  const host = fork(script, [url, key, String(DECISIONS)], { execArgv: ['--expose-gc'] });
  try {
    const [held] = (await once(host, 'message')) as [Held];
    console.log(
      `  100,000 decisions and ${held.buffered} logs: ${held.heldMiB.toFixed(1)} MiB held, ${held.rssMiB.toFixed(0)} MiB more of resident memory`,
    );
    return [
      figure('SDK memory: 100,000 decisions, full buffers', held.heldMiB, 'MiB', 32),
      figure('longest hold-up of the host while 100,000 decisions are applied', held.longestMs, 'ms', 50),
      figure('look-up with 100,000 decisions, median', held.lookupUs, 'us', 1),
      figure('check and record with 100,000 decisions, median', held.bothUs, 'us', 3),
      figure('check and record with 100,000 decisions, p99', held.bothP99Us, 'us', 15),
    ];
  } finally {
    host.kill();
    sink.closeAllConnections();
    sink.close();
  }
}
