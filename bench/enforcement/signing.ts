/**
 * What it costs a host to sign its batches: all CPU time (the pool's threads included) a request log, with batches of 1,000, and how long one
 * signature holds the event loop up. The SDK's own signer, its registration answered at once.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BatchSigner } from '../../libs/sdk/src/batch-signer.js';
import { Faults } from '../../libs/sdk/src/faults.js';
import { type Figure, figure, quantile, spread } from '../report.js';

const LOGS = 1_000;
const BATCHES = 1_000;

const log = (index: number) => ({
  ts: 1_790_000_000_000 + index,
  method: 'GET',
  route: '/orders/:id',
  path: `/orders/${index}`,
  status: 200,
  durationMs: 12.5,
  bytesOut: 512,
  ip: '192.0.2.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  actor: `user-${index % 97}`,
  authenticated: true,
});

export async function signing(): Promise<Figure[]> {
  const answer = async () => ({ type: 'answer' as const, status: 204, retryAfter: undefined, text: '' });
  const signer = new BatchSigner(answer, 'a'.repeat(12), randomUUID(), () => Date.now(), new Faults(), true);
  const body = Buffer.from(JSON.stringify({ requests: Array.from({ length: LOGS }, (_, index) => log(index)) }));
  for (let round = 0; round < 100; round += 1) await signer.headers(randomUUID(), body);
  const held: number[] = [];
  const before = process.cpuUsage();
  for (let round = 0; round < BATCHES; round += 1) {
    const turns = performance.eventLoopUtilization();
    await signer.headers(randomUUID(), body);
    held.push(performance.eventLoopUtilization(turns).active);
  }
  const { user, system } = process.cpuUsage(before);
  console.log(`signing ${LOGS} logs (${body.length} bytes): event loop held, ms: ${spread(held)}`);
  return [
    figure('signing a batch of 1,000 logs, CPU a log', (user + system) / BATCHES / LOGS, 'us', 1),
    figure('signing a batch of 1,000 logs, event loop busy, median', quantile(held, 0.5), 'ms', 0.25),
  ];
}
