/** Findings and request logs with everything filled in, for tests of what is done with them. */
import type { RequestLog } from '@plimsoll/contracts';
import type { Finding } from '@plimsoll/detection';

export const NOW = 1_790_000_000_000;

export function makeLog(fields: Partial<RequestLog> = {}): RequestLog {
  return {
    id: 'log-1',
    ts: NOW,
    method: 'GET',
    path: '/items',
    status: 200,
    durationMs: 5,
    bytesIn: 0,
    bytesOut: 100,
    ip: '203.0.113.9',
    userAgent: 'test',
    authenticated: fields.actor !== undefined,
    verdict: 'allow',
    timing: 'live',
    ...fields,
  };
}

export function makeFinding(fields: Partial<Finding> = {}): Finding {
  const ts = fields.ts ?? NOW;
  return {
    phase: 'opened',
    ts,
    service: 'shop',
    kind: 'rate',
    severity: 'medium',
    score: 0.9,
    subject: { type: 'actor', id: 'ada' },
    endpoint: 'GET /items',
    observed: 60,
    expected: 4,
    limit: 30,
    unit: 'requests',
    windowSeconds: 10,
    evidence: { own: 3, population: 50, weight: 0.3 },
    explanation: '60 requests in 10 s on GET /items.',
    signals: [{ name: 'requests', observed: 60, expected: 4, score: 0.9 }],
    logId: 'log-1',
    count: 31,
    verified: true,
    historical: false,
    actionable: true,
    rate: { requests: 30, windowSeconds: 10 },
    points: [{ ts, observed: 60, expected: 4, limit: 30 }],
    ...fields,
  };
}
