/** One valid alert and decision for tests; each test changes what it is about. */
import type { Alert, Decision } from '@plimsoll/contracts';

export const alertOf = (part: Partial<Alert> = {}): Alert => ({
  id: 'al_one',
  service: 'shop',
  kind: 'rate',
  severity: 'high',
  score: 0.9,
  subject: { type: 'actor', id: 'user-07' },
  endpoint: 'GET /products',
  observed: 62,
  expected: 4,
  limit: 18.7,
  unit: 'requests',
  windowSeconds: 60,
  evidence: { own: 10, population: 100, weight: 0.4 },
  explanation: '62 requests a minute; at 18 or fewer there would be no alert.',
  signals: [],
  state: 'open',
  verdict: null,
  historical: false,
  count: 62,
  firstAt: 1_000,
  lastAt: 2_000,
  endedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  resolvedBy: null,
  note: null,
  ...part,
});

export const decisionOf = (part: Partial<Decision> = {}): Decision => ({
  id: 'de_one',
  service: 'shop',
  version: 1,
  action: 'throttle',
  subject: { type: 'actor', id: 'user-07' },
  endpoint: null,
  rate: { requests: 18, windowSeconds: 60 },
  reason: 'Rate on GET /products',
  origin: { type: 'policy', name: 'throttle' },
  alertId: 'al_one',
  createdAt: 1_000,
  until: 9_999_999_999_999,
  changedAt: 1_000,
  liftedAt: null,
  liftedBy: null,
  ...part,
});

export const noParties = { actors: { items: [], total: 0 }, addresses: { items: [], total: 0 } };
