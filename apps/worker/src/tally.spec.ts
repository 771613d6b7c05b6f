import { Evidence } from '@plimsoll/detection';
import { describe, expect, it } from 'vitest';
import { makeLog, NOW } from '../../../test/setup/findings.js';
import { Tally } from './tally.js';

const MINUTE = 60_000;
const start = Math.floor(NOW / MINUTE) * MINUTE;

describe('the tally of a batch', () => {
  it('counts by endpoint and minute of the event', () => {
    const tally = new Tally('shop');
    tally.add(makeLog({ ts: start, durationMs: 5, bytesOut: 7 }), 'GET /a');
    tally.add(makeLog({ ts: start + MINUTE - 1, durationMs: 1.5, bytesOut: 3 }), 'GET /a');
    tally.add(makeLog({ ts: start + MINUTE }), 'GET /a');
    tally.add(makeLog({ ts: start }), 'GET /b');
    expect(tally.rows.map(({ endpoint, minute, requests }) => [endpoint, minute - start, requests])).toEqual([
      ['GET /a', 0, 2],
      ['GET /a', MINUTE, 1],
      ['GET /b', 0, 1],
    ]);
    expect(tally.rows[0]).toMatchObject({ durationMs: 6.5, bytesOut: 10, service: 'shop' });
  });

  it.each([
    ['an answer', { status: 200 }, {}],
    ['a fault of the server', { status: 503 }, { errors: 1 }],
    ['a fault of the client', { status: 404 }, { clientErrors: 1 }],
    ['a throttled request: no fault of the API', { status: 429, verdict: 'throttle' as const }, { throttled: 1 }],
    ['a challenged request, which was refused too', { status: 403, verdict: 'challenge' as const }, { blocked: 1 }],
    ['a blocked request: no fault of the API', { status: 403, verdict: 'block' as const }, { blocked: 1 }],
  ])('tells %s apart', (_, fields, expected) => {
    const tally = new Tally('shop');
    tally.add(makeLog(fields), 'GET /a');
    expect(tally.rows[0]).toMatchObject({ requests: 1, errors: 0, clientErrors: 0, throttled: 0, blocked: 0, ...expected });
  });

  it('has seconds for live logs only', () => {
    const tally = new Tally('shop');
    for (const timing of ['live', 'late', 'historical'] as const) tally.add(makeLog({ timing, status: 500 }), 'GET /a');
    tally.add(makeLog({ ts: NOW + 1_000 }), 'GET /b');
    expect(tally.ticks.map(({ second, requests, errors }) => [second - NOW / 1_000, requests, errors])).toEqual([
      [0, 1, 1],
      [1, 1, 0],
    ]);
  });
});

describe('evidence', () => {
  const finding = (type: 'actor' | 'address', id: string, endpoint: string | null = null) =>
    ({ service: 'shop', subject: { type, id }, endpoint }) as Parameters<Evidence['of']>[0];

  it('is the subject’s last requests, on the endpoint where there is one, by service', () => {
    const evidence = new Evidence();
    for (let i = 0; i < 50; i += 1) evidence.note('shop', makeLog({ id: `l${i}`, actor: 'ada' }), i % 2 ? 'GET /a' : 'GET /b');
    expect(evidence.of(finding('actor', 'ada')).map(({ log }) => log.id)).toEqual(
      Array.from({ length: 20 }, (_, i) => `l${i + 30}`),
    );
    expect(evidence.of(finding('actor', 'ada', 'GET /a'))).toHaveLength(10);
    expect(evidence.of(finding('address', '203.0.113.9'))).toHaveLength(20);
    expect(evidence.of({ ...finding('actor', 'ada'), service: 'billing' })).toEqual([]);
    expect(evidence.of(finding('actor', '203.0.113.9'))).toEqual([]);
  });

  it('forgets the subjects that were quiet longest, and keeps the busy one, when thousands are made up', () => {
    const evidence = new Evidence();
    for (let i = 0; i < 30_000; i += 1) {
      evidence.note('shop', makeLog({ actor: `made-up-${i}`, ip: `10.0.${i >> 8}.${i & 255}` }), 'GET /a');
      if (i % 1_000 === 0) evidence.note('shop', makeLog({ actor: 'busy', ip: '192.0.2.1' }), 'GET /a');
    }
    expect(evidence.of(finding('actor', 'made-up-0'))).toEqual([]);
    expect(evidence.of(finding('actor', 'busy'))).toHaveLength(20);
  });
});
