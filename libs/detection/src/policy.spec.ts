import type { Decision } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.js';
import { decide, enforceableSubject, type RulingContext } from './policy.js';

const NOW = 1_767_600_000_000;

const finding = (fields: Partial<Finding> = {}): Finding => ({
  phase: 'opened',
  ts: NOW,
  service: 'shop',
  kind: 'rate',
  severity: 'low',
  score: 0.6,
  subject: { type: 'actor', id: 'ann' },
  endpoint: 'GET /a',
  observed: 60,
  expected: 4,
  limit: 18,
  unit: 'requests',
  windowSeconds: 60,
  evidence: { own: 10, population: 100, weight: 0.5 },
  explanation: 'because',
  signals: [],
  logId: 'l1',
  count: 1,
  verified: true,
  historical: false,
  actionable: true,
  rate: { requests: 18, windowSeconds: 60 },
  points: [],
  ...fields,
});
const decision = (fields: Partial<Decision> = {}): Decision => ({
  id: 'dec_1',
  service: 'shop',
  version: 1,
  action: 'throttle',
  subject: { type: 'actor', id: 'ann' },
  endpoint: 'GET /a',
  rate: { requests: 18, windowSeconds: 60 },
  reason: 'because',
  origin: { type: 'policy', name: 'throttle' },
  alertId: null,
  createdAt: NOW - 30_000,
  until: NOW + 30_000,
  changedAt: 0,
  liftedAt: null,
  liftedBy: null,
  provedAt: null,
  ...fields,
});
const context = (fields: Partial<RulingContext> = {}): RulingContext => ({
  policy: 'throttle',
  active: undefined,
  now: NOW,
  ...fields,
});

describe('decide', () => {
  it('throttles to the learnt limit for a minute', () => {
    expect(decide(finding(), context())).toEqual({
      type: 'create',
      action: 'throttle',
      subject: { type: 'actor', id: 'ann' },
      endpoint: 'GET /a',
      rate: { requests: 18, windowSeconds: 60 },
      until: NOW + 60_000,
      reason: 'because',
    });
  });
  it.each([
    ['the policy is to monitor', finding(), context({ policy: 'monitor' })],
    ['it is history', finding({ historical: true }), context()],
    ['it has ended', finding({ phase: 'ended' }), context()],
    ['its kind is for monitoring alone, or its pace below the base limit', finding({ actionable: false }), context()],
    [
      'the actor is only claimed, from two addresses',
      finding({ verified: false, addresses: ['192.0.2.1', '192.0.2.2'] }),
      context(),
    ],
    ['nobody can be held', finding({ subject: { type: 'endpoint', id: 'GET /a' } }), context()],
    ['there is no rate to hold it to', finding({ rate: null }), context()],
    ['a person has decided', finding(), context({ active: decision({ origin: { type: 'person', name: 'Kim' } }) })],
    ['the decision in force is fresh', finding(), context({ active: decision({ until: NOW + 58_000 }) })],
  ])('does nothing when %s', (_, given, where) => {
    expect(decide(given, where)).toEqual({ type: 'none' });
  });
  it('prolongs what is in force while the behaviour goes on', () => {
    expect(decide(finding({ phase: 'updated' }), context({ active: decision() }))).toEqual({
      type: 'prolong',
      decisionId: 'dec_1',
      until: NOW + 60_000,
    });
  });
  it('begins anew after a decision has ended or was lifted', () => {
    expect(decide(finding(), context({ active: decision({ until: NOW }) })).type).toBe('create');
    expect(decide(finding(), context({ active: decision({ liftedAt: NOW - 1 }) })).type).toBe('create');
  });
  it('blocks for ten minutes only what is severe, and goes from throttle to block', () => {
    const block = context({ policy: 'block' });
    expect(decide(finding({ severity: 'medium' }), block)).toMatchObject({ action: 'throttle' });
    expect(decide(finding({ severity: 'high' }), block)).toMatchObject({ action: 'block', rate: null, until: NOW + 600_000 });
    expect(decide(finding({ severity: 'critical' }), { ...block, active: decision() })).toMatchObject({
      type: 'create',
      action: 'block',
    });
    expect(decide(finding({ severity: 'low' }), { ...block, active: decision({ action: 'block' }) })).toMatchObject({
      type: 'prolong',
    });
  });
  it('holds an unverified account by its one address, never by its name', () => {
    const claimed = finding({ kind: 'auth-failures', verified: false, addresses: ['192.0.2.1'] });
    expect(enforceableSubject(claimed)).toEqual({ type: 'address', id: '192.0.2.1' });
    expect(decide(claimed, context())).toMatchObject({ subject: { type: 'address', id: '192.0.2.1' } });
  });
});
