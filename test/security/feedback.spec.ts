/** The way back: a real SDK hears of risks from a real server, asks its user for a proof, and says that it was given. */
import { type Guard, plimsoll } from '@plimsoll/sdk';
import { announceFeed, announceRisks, createDecision, createKey, pinOf, resolveAlert, turnFeedKeys } from '@plimsoll/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { framesOf } from '../setup/decisions.js';
import { IngestServer, NONCE } from '../setup/ingest-server.js';
import { insertAlert } from '../setup/records.js';

let server: IngestServer;
let key = '';
const guards: Guard[] = [];
beforeAll(async () => {
  server = await IngestServer.start({}, { beatMs: 200 });
  const pin = pinOf(await turnFeedKeys(server.db, server.env.PLIMSOLL_FEED_KEY, Date.now()));
  const scopes = ['ingest:write', 'decisions:read', 'feedback:write'] as const;
  key = (await createKey(server.db, { service: 'shop', name: 'host', pin, scopes: [...scopes] }, Date.now())).secret;
});
afterAll(() => server.stop());
afterEach(async () => {
  await Promise.all(guards.splice(0).map((guard) => guard.close(0)));
});

const open = async (withKey = key) => {
  const guard = plimsoll({ url: server.app.url, key: withKey, flushMs: 10, onError: () => undefined });
  guards.push(guard);
  expect(await guard.ready(10_000)).toBe(true);
  return guard;
};
const soon = <T>(probe: () => T | Promise<T>) => expect.poll(probe, { timeout: 8_000, interval: 10 });
let serial = 0;
const nobody = () => `user-${++serial}`;
const namespace = () => server.env.PLIMSOLL_NAMESPACE;
async function raise(subjectId: string, values: object = {}): Promise<string> {
  const at = Date.now();
  const id = await insertAlert(server.db, { subjectId, verified: true, firstAt: at - 60_000, lastAt: at, ...values });
  await announceRisks(server.redis, namespace(), 'shop');
  return id;
}
async function decide(id: string, action: 'challenge' | 'block' | 'throttle'): Promise<void> {
  const now = Date.now();
  const draft = {
    service: 'shop',
    action,
    subject: { type: 'actor' as const, id },
    endpoint: null,
    rate: action === 'throttle' ? { requests: 1, windowSeconds: 60 } : null,
    reason: 'test',
    origin: { type: 'policy' as const, name: 'throttle' },
    alertId: null,
    until: now + 3_600_000,
  };
  const made = await server.db.transaction((tx) => createDecision(tx, draft, now));
  if (made) await announceFeed(server.redis, namespace(), 'shop', made.version);
}

describe('the risk of an actor', () => {
  it('comes to every instance within seconds, and goes when a person has judged', async () => {
    const actor = nobody();
    const [one, two] = [await open(), await open()];
    const id = await raise(actor, { severity: 'critical', kind: 'token-theft' });
    for (const guard of [one, two]) {
      await soon(() => guard.check({ actor }).risk?.score).toBeGreaterThan(0.75);
      expect(guard.check({ actor })).toMatchObject({
        verdict: 'allow',
        risk: { signals: ['token-theft'] },
        context: { alerts: 1 },
      });
    }
    await server.db.transaction((tx) =>
      resolveAlert(tx, id, { by: { id: 'per_ada', name: 'Ada' }, verdict: 'false-positive', now: Date.now() }),
    );
    await announceRisks(server.redis, namespace(), 'shop');
    await soon(() => one.check({ actor }).risk).toBeUndefined();
    expect(one.stats().faults.forged).toBe(0);
  });

  it('is there for an instance that comes later, and by poll', async () => {
    const actor = nobody();
    await raise(actor);
    await soon(async () => (await open()).check({ actor }).risk?.score ?? 0).toBeGreaterThan(0.5);
    const poll = await server.call('/v1/feed', { headers: { ...NONCE, 'plimsoll-reads': 'risk' } });
    const risks = framesOf(poll.text).flatMap((frame) => (frame.type === 'risk' ? frame.raised : []));
    expect(risks.some(({ subject }) => subject.id === actor)).toBe(true);
  });

  it('is sent to nobody who does not say that it reads it', async () => {
    await raise(nobody());
    const { text } = await server.call('/v1/feed', { headers: NONCE });
    expect(framesOf(text).map(({ type }) => type)).toEqual(['hello', 'snapshot']);
  });
});

describe('a proof', () => {
  it('ends what is asked of the actor in every instance, halves its risk, and gets nobody past a block', async () => {
    const [actor, blocked] = [nobody(), nobody()];
    await raise(actor, { severity: 'high' });
    const [one, two] = [await open(), await open()];
    await decide(actor, 'challenge');
    await decide(blocked, 'block');
    for (const guard of [one, two]) {
      await soon(() => guard.check({ actor }).verdict).toBe('challenge');
      await soon(() => guard.check({ actor: blocked }).verdict).toBe('block');
    }
    await soon(() => one.risk({ actor })?.risk.score ?? 0).toBeGreaterThan(0.5);
    expect(await one.passed(actor)).toMatchObject({ type: 'taken', lifted: 1, alerts: 1 });
    expect(one.check({ actor }).verdict).toBe('allow');
    await soon(() => two.check({ actor }).verdict).toBe('allow');
    await soon(() => one.risk({ actor })?.risk.score ?? 1).toBeLessThan(0.5);
    expect(one.risk({ actor })?.context.provedAt).toBeGreaterThan(0);
    expect(await one.passed(blocked)).toEqual({ type: 'nothing' });
    expect(two.check({ actor: blocked }).verdict).toBe('block');
  });

  it('cannot be reported with the key of who only sends and reads', async () => {
    const actor = nobody();
    const guard = await open(server.key);
    await decide(actor, 'challenge');
    await soon(() => guard.check({ actor }).verdict).toBe('challenge');
    expect(await guard.passed(actor)).toEqual({ type: 'refused', why: 'it answered 403' });
    expect(guard.check({ actor }).verdict).toBe('challenge');
  });
});
