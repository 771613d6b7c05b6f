import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, sendJson } from '../test/fake-plimsoll.js';
import { Host } from '../test/host.js';
import type { FaultCode } from './faults.js';
import { type Guard, plimsoll } from './guard.js';
import { type HttpOptions, plimsollHttp } from './http.js';

const challenge = { action: 'challenge', subject: { type: 'actor', id: 'ada' } } as const;

describe('passed', () => {
  let server: FakePlimsoll;
  let guard: Guard;
  const faults: FaultCode[] = [];
  beforeEach(async () => {
    faults.length = 0;
    server = await new FakePlimsoll().start();
    guard = plimsoll({ url: server.url, key: KEY, onError: ({ code }) => faults.push(code) });
  });
  afterEach(async () => {
    await guard.close(0);
    await server.stop();
  });
  const answering = (status: number, body: unknown = {}) => {
    server.onProof = (_request, response) => sendJson(response, status, body, { 'retry-after': '0' });
  };

  it('resolves when this instance no longer asks the actor, as the feed says and not the answer', async () => {
    server.publish(decision(challenge), decision({ ...challenge, subject: { type: 'actor', id: 'bob' } }));
    await guard.ready(10_000);
    expect(guard.check({ actor: 'ada' })).toMatchObject({ verdict: 'challenge', origin: 'decision', endpoint: null });
    expect(await guard.passed('ada')).toEqual({ type: 'taken', lifted: 1, alerts: 0 });
    expect(guard.check({ actor: 'ada' })).toEqual({ verdict: 'allow' });
    expect(guard.check({ actor: 'bob' }).verdict).toBe('challenge');
  });

  it('lifts nothing by an answer alone: it is not signed', async () => {
    server.publish(decision(challenge));
    await guard.ready(10_000);
    answering(200, { outcome: 'taken', lifted: 1, alerts: 1, feedVersion: server.version });
    expect(await guard.passed('ada')).toEqual({ type: 'taken', lifted: 1, alerts: 1 });
    expect(guard.check({ actor: 'ada' }).verdict).toBe('challenge');
  });

  it('names the actor as it is recorded and checked, and each report once', async () => {
    await guard.passed(7);
    await guard.passed(8n);
    await guard.passed('a\nb');
    expect(server.proofs.map(({ actor }) => actor)).toEqual(['7', '8', 'a\ufffdb']);
    expect(new Set(server.proofs.map(({ id }) => id)).size).toBe(3);
  });

  it('is said again under its id until it is answered, and only a few times', async () => {
    server.onProof = (_request, response) => {
      if (server.proofs.length < 3) sendJson(response, 503, {}, { 'retry-after': '0' });
      else sendJson(response, 200, { outcome: 'repeated', lifted: 0, alerts: 0, feedVersion: 0 });
    };
    expect(await guard.passed('ada')).toEqual({ type: 'taken', lifted: 0, alerts: 0 });
    expect(new Set(server.proofs.map(({ id }) => id)).size).toBe(1);
    answering(503);
    server.proofs.length = 0;
    expect(await guard.passed('ada')).toMatchObject({ type: 'unreachable' });
    expect(server.proofs).toHaveLength(4);
  });

  it.each([
    ['spent', { outcome: 'spent', feedVersion: 0 }, { type: 'spent' }],
    ['nothing', { outcome: 'nothing', feedVersion: 0 }, { type: 'nothing' }],
    ['what makes no sense', { outcome: 'yes' }, { type: 'unreachable', why: 'its answer makes no sense' }],
  ])('says what became of it: %s', async (_what, body, outcome) => {
    answering(200, body);
    expect(await guard.passed('ada')).toEqual(outcome);
  });

  it('never rejects: a key without the scope, no actor, a closed guard', async () => {
    answering(403);
    expect(await guard.passed('ada')).toEqual({ type: 'refused', why: 'it answered 403' });
    expect(faults).toContain('refused');
    for (const none of ['', 'x'.repeat(300), undefined, {}]) {
      expect(await guard.passed(none as string)).toMatchObject({ type: 'refused' });
    }
    expect(server.proofs).toHaveLength(1);
    await guard.close(0);
    expect(await guard.passed('ada')).toMatchObject({ type: 'refused', why: 'the guard is closed' });
  });

  it('keeps a bound on reports that are under way', async () => {
    server.onProof = () => undefined;
    const outcomes = Array.from({ length: 70 }, () => guard.passed('ada'));
    expect(await Promise.all(outcomes.slice(64))).toEqual(Array(6).fill(expect.objectContaining({ type: 'refused' })));
    await guard.close(0);
    expect((await Promise.all(outcomes)).every(({ type }) => type === 'refused')).toBe(true);
  });
});

describe('a challenged user', () => {
  let host: Host;
  beforeEach(async () => {
    host = new Host();
    await host.plimsoll.start();
  });
  afterEach(() => host.stop());
  const open = async (options: Partial<HttpOptions> = {}) => {
    const identify: HttpOptions['identify'] = ({ headers }) => headers['x-user'] as string | undefined;
    const listener = plimsollHttp({ ...host.options, identify, ...options }, async ({ url }, response) => {
      if (url === '/step-up') await listener.guard.passed('mallory');
      response.end('served');
    });
    await host.start(listener, listener.guard);
  };
  const asked = { action: 'challenge', endpoint: null } as const;

  it('is told what is asked for, on the routes that it is asked on', async () => {
    await open();
    await host.decide(decision({ ...asked, endpoint: 'POST /refunds' }));
    expect((await host.call('/refunds', { user: 'mallory' })).status).toBe(200);
    const answer = await host.call('/refunds', { method: 'POST', user: 'mallory' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
    expect(await answer.json()).toEqual({
      type: 'urn:plimsoll:problem:challenge-required',
      title: 'Proof required',
      status: 403,
      code: 'challenge-required',
      detail: 'Prove that it is you, then try again.',
      challenge: { proof: 'step-up', endpoint: 'POST /refunds' },
      instance: expect.stringMatching(/^urn:plimsoll:decision:dec_\d+$/),
    });
    expect((await host.logs(2)).map(({ verdict }) => verdict)).toEqual([undefined, 'challenge']);
  });

  it('can prove itself where the host says, and is let in everywhere afterwards', async () => {
    await open({ proofRoutes: ['POST /step-up'] });
    await host.decide(decision(asked));
    expect((await host.call('/orders', { user: 'mallory' })).status).toBe(403);
    expect((await host.call('/step-up', { user: 'mallory' })).status).toBe(403);
    expect((await host.call('/step-up', { method: 'POST', user: 'mallory' })).status).toBe(200);
    expect((await host.call('/orders', { user: 'mallory' })).status).toBe(200);
  });

  it('does not get past a block or a throttle by it', async () => {
    await open({ proofRoutes: ['/step-up'] });
    const rate = { requests: 1, windowSeconds: 60 };
    await host.decide(decision(asked), decision({ action: 'throttle', rate, subject: { type: 'address', id: '127.0.0.1' } }));
    expect((await host.call('/step-up-soon', { user: 'mallory' })).status).toBe(403);
    const statuses = [await host.call('/step-up', { user: 'mallory' }), await host.call('/step-up', { user: 'mallory' })];
    expect(statuses.map(({ status }) => status)).toEqual([200, 429]);
    await host.decide(decision(asked), decision());
    expect((await host.call('/step-up', { user: 'mallory' })).status).toBe(403);
  });

  it('may be sent to the host’s own step-up; who is blocked may not', async () => {
    await open({ answer: () => ({ status: 303, headers: { location: '/step-up?back=1' }, body: '' }) });
    await host.decide(decision(asked));
    const sent = await host.call('/orders', { user: 'mallory', redirect: 'manual' });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/step-up?back=1']);
    await host.decide(decision());
    expect((await host.call('/orders', { user: 'mallory', redirect: 'manual' })).status).toBe(403);
  });

  it('is refused where the host’s redirect leads nowhere', async () => {
    await open({ answer: () => ({ status: 303 }) });
    await host.decide(decision(asked));
    expect((await host.call('/orders', { user: 'mallory', redirect: 'manual' })).status).toBe(403);
  });
});
