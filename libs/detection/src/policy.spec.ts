import { DEFAULT_SETTINGS, type Decision, type RequestLog, type Settings, settingsSchema } from '@plimsoll/contracts';
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
  mode: 'enforced',
  action: 'throttle',
  seconds: 60,
  weight: 1,
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
  settings: DEFAULT_SETTINGS,
  requests: [],
  active: undefined,
  earlier: [],
  now: NOW,
  ...fields,
});
const settings = (fields: object): Settings => settingsSchema.parse(fields);
/** Requests of ann's, of which the last `refused` were refused. */
const requests = (count: number, refused: number, fields: Partial<RequestLog> = {}): RequestLog[] =>
  Array.from({ length: count }, (_, index) => ({
    ...REQUEST,
    ts: NOW - 10_000 + index,
    verdict: index < count - refused ? 'allow' : 'throttle',
    ...fields,
  }));
const REQUEST: RequestLog = {
  id: 'l1',
  ts: NOW,
  method: 'GET',
  path: '/a',
  status: 200,
  durationMs: 1,
  bytesIn: 0,
  bytesOut: 0,
  ip: '192.0.2.1',
  userAgent: '',
  actor: 'ann',
  authenticated: true,
  verdict: 'allow',
  timing: 'live',
};

describe('decide', () => {
  it('throttles to the learnt limit for a minute', () => {
    expect(decide(finding(), context())).toEqual({
      type: 'create',
      step: { action: 'throttle', seconds: 60 },
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
    ['it is on the allow-list', finding(), context({ settings: settings({ allow: { actors: ['an*'] } }) })],
    [
      'its network is on the allow-list',
      finding({ subject: { type: 'address', id: '2001:db8::7' } }),
      context({ settings: settings({ allow: { addresses: ['2001:db8::/48'] } }) }),
    ],
    [
      'its credential is on the allow-list',
      finding({ subject: { type: 'credential', id: 'k' } }),
      context({ settings: settings({ allow: { credentials: ['k'] } }) }),
    ],
    ['no rule of the ladder matches', finding(), context({ settings: settings({ ladder: [] }) })],
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
    expect(decide(finding({ severity: 'medium' }), block)).toMatchObject({ step: { action: 'throttle' } });
    expect(decide(finding({ severity: 'high' }), block)).toMatchObject({
      step: { action: 'block' },
      rate: null,
      until: NOW + 600_000,
    });
    expect(decide(finding({ severity: 'critical' }), { ...block, active: decision() })).toMatchObject({
      type: 'create',
      step: { action: 'block' },
    });
    const blocked = decision({ action: 'block', seconds: 600 });
    expect(decide(finding({ severity: 'low' }), { ...block, active: blocked })).toMatchObject({
      type: 'prolong',
      until: NOW + 600_000,
    });
  });
  it('throttles where the policy forbids a block, also one that was made before it did', () => {
    const throttle = { type: 'create', step: { action: 'throttle', seconds: 600 } };
    expect(decide(finding({ severity: 'high' }), context())).toMatchObject(throttle);
    const blocked = decision({ action: 'block', seconds: 600 });
    expect(decide(finding({ severity: 'high' }), context({ active: blocked }))).toMatchObject(throttle);
  });
});

describe('repetition', () => {
  const old = { createdAt: NOW - 61_000, until: NOW + 10_000 };
  const over = decision({ createdAt: NOW - 120_000, until: NOW - 60_000 });
  const medium = finding({ severity: 'medium' });

  it('takes the next step when a subject defies its throttle, not when it keeps to it', () => {
    const going = finding({ severity: 'medium', phase: 'updated' });
    const active = decision(old);
    expect(decide(going, context({ active, requests: requests(20, 10) }))).toMatchObject({
      type: 'create',
      step: { action: 'throttle', seconds: 600 },
    });
    expect(decide(going, context({ active, requests: requests(20, 9) }))).toMatchObject({ type: 'prolong' });
    const before = requests(20, 20, { ts: old.createdAt - 1 });
    expect(decide(going, context({ active, requests: before }))).toMatchObject({ type: 'prolong' });
  });
  it('takes the next step when it begins again, up to the cap', () => {
    const next = (action: 'throttle' | 'block', seconds: number) => {
      const earlier = [decision({ action, seconds, until: NOW - 60_000 })];
      const ruling = decide(medium, context({ policy: 'block', earlier }));
      return ruling.type === 'create' ? [ruling.step.action, ruling.step.seconds, ruling.until - NOW] : ruling.type;
    };
    expect(next('throttle', 60)).toEqual(['throttle', 600, 600_000]);
    expect(next('throttle', 600)).toEqual(['block', 600, 600_000]);
    expect(next('block', 600)).toEqual(['block', 3600, 3_600_000]);
    expect(next('block', 3600)).toEqual(['block', 3600, 3_600_000]);
  });
  it('is counted from the end, also of a decision that another one replaced', () => {
    const replaced = decision({ action: 'block', seconds: 600, liftedAt: NOW - 3 * 3_600_000, until: NOW + 60_000 });
    expect(decide(medium, context({ earlier: [replaced] }))).toMatchObject({ step: { seconds: 60 } });
    expect(decide(medium, context({ earlier: [replaced, over] }))).toMatchObject({ step: { seconds: 600 } });
  });
  it('is none where the same episode only goes on', () => {
    expect(decide(finding({ severity: 'medium', phase: 'updated' }), context({ earlier: [over] }))).toMatchObject({
      step: { seconds: 60 },
    });
  });
});

describe('rules of the ladder', () => {
  it('hold in their order by endpoint, kind and severity', () => {
    const steps = (seconds: number) => [{ action: 'block', seconds }];
    const ladder = [
      { endpoint: 'GET /a', kind: 'rate', severity: 'high', steps: steps(11) },
      { endpoint: 'GET /a', steps: steps(12) },
      { kind: 'probing', steps: steps(13) },
      { severity: 'critical', steps: steps(14) },
    ];
    const given = context({ policy: 'block', settings: settings({ ladder }) });
    const lasts = (fields: Partial<Finding>) => {
      const ruling = decide(finding(fields), given);
      return ruling.type === 'create' ? ruling.step.seconds : ruling.type;
    };
    expect(lasts({ severity: 'critical' })).toBe(11);
    expect(lasts({ severity: 'low' })).toBe(12);
    expect(lasts({ endpoint: null, kind: 'probing', severity: 'critical' })).toBe(13);
    expect(lasts({ endpoint: 'GET /b', severity: 'critical' })).toBe(14);
    expect(lasts({ endpoint: 'GET /b', severity: 'high' })).toBe('none');
  });
  it('name an endpoint as settings do, whatever the placeholder is called', () => {
    const ladder = [{ endpoint: 'GET /a/{id}', steps: [{ action: 'throttle', seconds: 77 }] }];
    const given = context({ settings: settings({ ladder }) });
    expect(decide(finding({ endpoint: 'GET /a/:id' }), given)).toMatchObject({ step: { seconds: 77 } });
  });
  it('may begin with watching', () => {
    const ladder = [
      {
        steps: [
          { action: 'monitor', seconds: 300 },
          { action: 'throttle', seconds: 60 },
        ],
      },
    ];
    expect(decide(finding({ rate: null }), context({ settings: settings({ ladder }) }))).toMatchObject({
      type: 'create',
      step: { action: 'monitor', seconds: 300 },
      rate: null,
    });
  });
});

describe('a subject that was only claimed', () => {
  const claim = (fields: Partial<RequestLog> = {}) => ({ ...REQUEST, authenticated: false, ...fields });
  it('holds an unverified account by its one address, never by its name', () => {
    const claimed = finding({ kind: 'auth-failures', verified: false, addresses: ['192.0.2.1'] });
    expect(enforceableSubject(claimed, [])).toEqual({ type: 'address', id: '192.0.2.1' });
    expect(decide(claimed, context())).toMatchObject({ subject: { type: 'address', id: '192.0.2.1' } });
  });
  it('is held by the credential with which it was claimed, where it was always the same', () => {
    const claimed = finding({ kind: 'auth-failures', verified: false, addresses: ['192.0.2.1', '192.0.2.2'] });
    const held = (logs: RequestLog[]) => enforceableSubject(claimed, logs);
    expect(held([claim({ credential: 'k' }), claim({ credential: 'k' })])).toEqual({ type: 'credential', id: 'k' });
    expect(held([claim({ credential: 'k' }), claim({ credential: 'other' })])).toBeUndefined();
    expect(held([claim({ credential: 'k' }), claim()])).toBeUndefined();
    // The owner's own credential is in the evidence too, and is not the one with which it was claimed.
    expect(held([{ ...REQUEST, credential: 'owner' }, claim({ credential: 'k' })])).toEqual({ type: 'credential', id: 'k' });
    expect(held([{ ...REQUEST, credential: 'owner' }])).toBeUndefined();
  });
});
