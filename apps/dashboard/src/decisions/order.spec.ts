import { adminApi } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { alertOf } from '../samples.fixture.js';
import { draftFor, durationsBeyond, emptyDraft, enforceable, onePerSubject, orderOf } from './order.js';

const actor = { type: 'actor', id: 'user-07' } as const;

describe('a decision by hand', () => {
  it('starts from the learnt limit, rounded down', () => {
    expect(draftFor(alertOf(), actor)).toMatchObject({ requests: '18', windowSeconds: '60', reason: 'Rate on GET /products' });
  });
  it.each([
    ['another unit', { unit: 'bytes', limit: 1e9 }],
    ['a window that cannot be chosen', { windowSeconds: 77 }],
    ['less than one request', { limit: 0.4 }],
  ])('falls back to a modest pace for %s', (_, part) => {
    expect(draftFor(alertOf(part), actor)).toMatchObject({ requests: '10', windowSeconds: '60' });
  });
  it.each(['block', 'challenge', 'throttle'] as const)('sends what the server takes: %s', (action) => {
    const order = orderOf(action, draftFor(alertOf(), actor));
    if (!('body' in order)) throw new Error(order.missing);
    expect(adminApi.decide.body.parse(order.body)).toMatchObject({
      action,
      subject: actor,
      alertId: 'al_one',
      durationSeconds: 3_600,
    });
    expect('rate' in order.body).toBe(action === 'throttle');
  });
  it('is extended only beyond what is left of it', () => {
    const offered = (leftSeconds: number) => durationsBeyond(leftSeconds * 1000).map(({ seconds }) => seconds);
    expect(offered(3_600)).toEqual([21_600, 86_400, 604_800, 2_592_000]);
    expect(offered(3_599)[0]).toBe(3_600);
    expect(offered(2_592_000)).toEqual([]);
  });
  it('keeps the reason within what the server takes, for the longest endpoint', () => {
    const draft = draftFor(alertOf({ endpoint: `GET /${'x'.repeat(760)}` }), actor);
    expect(draft.reason.length).toBeLessThanOrEqual(500);
  });
  it.each([
    ['the service', { service: '' }, 'block', /service/],
    ['the subject', { subject: { type: 'address', id: '  ' } }, 'block', /address/],
    ['the reason', { reason: ' ' }, 'block', /why/],
    ['a user', { subject: { type: 'address', id: '192.0.2.1' } }, 'challenge', /user/],
    ['the rate', { requests: '0' }, 'throttle', /rate/],
    ['a rate that is none', { requests: 'many' }, 'throttle', /rate/],
  ] as const)('says what is missing: %s', (_, part, action, sentence) => {
    const draft = { ...emptyDraft('shop'), subject: actor, reason: 'because', ...part };
    expect(orderOf(action, draft)).toEqual({ missing: expect.stringMatching(sentence) });
  });
  it('knows whom a bouncer can hold back', () => {
    expect(enforceable({ type: 'address', id: '::1' })).toEqual({ type: 'address', id: '::1' });
    expect(enforceable({ type: 'endpoint', id: 'GET /' })).toBeUndefined();
    expect(enforceable({ type: 'service', id: 'shop' })).toBeUndefined();
  });
});

describe('whom several alerts are about', () => {
  const of = (id: string, subject: Parameters<typeof alertOf>[0]) => alertOf({ id, ...subject });
  const ids = (alerts: Parameters<typeof onePerSubject>[0]) => onePerSubject(alerts).map(({ id }) => id);
  it('is each once, by the first, and nobody whom nothing can hold', () => {
    const ada = { subject: { type: 'actor', id: 'ada' } } as const;
    expect(ids([of('a', ada), of('b', ada), of('c', {}), of('d', { ...ada, service: 'bank' })])).toEqual(['a', 'c', 'd']);
    expect(ids([of('a', { subject: { type: 'endpoint', id: 'GET /' } })])).toEqual([]);
  });
});
