import type { LiveMessage } from '@plimsoll/contracts';
import { createDecision, createKey, openRedis, subscribeFeed, subscribeLive } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeDecisions } from '../../../test/setup/decisions.js';
import { IngestServer } from '../../../test/setup/ingest-server.js';
import { insertAlert } from '../../../test/setup/records.js';

let server: IngestServer;
let key = '';
const subscribers: ReturnType<typeof openRedis>[] = [];
const messages: LiveMessage[] = [];
const announced: { service: string; version: number }[] = [];
beforeAll(async () => {
  server = await IngestServer.start();
  const open = () => {
    const subscriber = openRedis(server.env.REDIS_URL, 'test');
    subscribers.push(subscriber);
    return subscriber;
  };
  await subscribeLive(open(), server.env.PLIMSOLL_NAMESPACE, (message) => messages.push(message));
  await subscribeFeed(open(), server.env.PLIMSOLL_NAMESPACE, (one) => announced.push(one));
  key = (await createKey(server.db, { service: 'shop', name: 'host', scopes: ['feedback:write'] }, Date.now())).secret;
});
afterAll(async () => {
  for (const subscriber of subscribers) subscriber.disconnect();
  await server.stop();
});

let serial = 0;
const proof = (change: object = {}) => {
  serial += 1;
  return { id: `proof-of-a-test-${serial}`, actor: 'ada', ...change };
};
const send = (body: unknown, withKey: string | null = key) =>
  server.call('/v1/proofs', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    key: withKey,
  });
const challenge = (actor: string) =>
  server.db.transaction((tx) =>
    createDecision(
      tx,
      {
        service: 'shop',
        action: 'challenge',
        subject: { type: 'actor', id: actor },
        endpoint: null,
        rate: null,
        reason: 'prove it',
        origin: { type: 'person', name: 'Ada' },
        alertId: null,
        until: Date.now() + 3_600_000,
      },
      Date.now(),
    ),
  );

describe('POST /v1/proofs', () => {
  it('lifts what the actor is asked for, and tells bouncers and pages', async () => {
    const decision = await challenge('ada');
    const alertId = await insertAlert(server.db, { subjectId: 'ada' });
    expect(await send(proof())).toMatchObject({
      status: 200,
      body: { outcome: 'taken', lifted: 1, alerts: 1, feedVersion: decision.version + 1 },
    });
    expect(await activeDecisions(server.db, 'shop', Date.now())).toEqual([]);
    await expect.poll(() => announced).toContainEqual({ service: 'shop', version: decision.version + 1 });
    await expect
      .poll(() => messages)
      .toContainEqual(expect.objectContaining({ type: 'decision', decision: expect.objectContaining({ id: decision.id }) }));
    const alerts = messages.flatMap((message) => (message.type === 'alert' ? [message.alert] : []));
    expect(alerts).toMatchObject([{ id: alertId, state: 'open', verdict: null, provedAt: expect.any(Number) }]);
  });

  it('takes a retry for what it is', async () => {
    await challenge('eve');
    const said = proof({ actor: 'eve' });
    const outcomes = [await send(said), await send(said)].map(({ body }) => body['outcome']);
    expect(outcomes).toEqual(['taken', 'repeated']);
  });

  it('of somebody of whom nothing is known does nothing', async () => {
    expect(await send(proof({ actor: 'zoe' }))).toMatchObject({
      status: 200,
      body: { outcome: 'nothing', lifted: 0, alerts: 0 },
    });
  });

  it('is for keys with the scope alone, and for their own service', async () => {
    await challenge('bob');
    expect((await send(proof({ actor: 'bob' }), null)).status).toBe(401);
    // The key of a host that sends request logs and reads decisions cannot lift them.
    expect((await send(proof({ actor: 'bob' }), server.key)).status).toBe(403);
    expect((await activeDecisions(server.db, 'shop', Date.now())).map(({ subject }) => subject.id)).toEqual(['bob']);
    expect((await server.send('{}', {}, key)).status).toBe(403);
  });

  it('refuses what is no proof', async () => {
    for (const body of ['', 'null', proof({ id: 'short' }), proof({ actor: '' }), proof({ actor: 'x'.repeat(300) })]) {
      expect(await send(body)).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
    }
    expect((await send(proof({ more: 'x'.repeat(5_000) }))).status).toBe(413);
  });

  it('is bounded for each key', async () => {
    const one = (await createKey(server.db, { service: 'shop', name: 'loud', scopes: ['feedback:write'] }, Date.now())).secret;
    const statuses: number[] = [];
    for (let index = 0; index < 160; index += 1) statuses.push((await send(proof({ actor: 'zoe' }), one)).status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(100);
    expect(statuses).toContain(429);
    expect((await send(proof({ actor: 'zoe' }))).status).toBe(200);
  });
});
