import type { LiveMessage } from '@plimsoll/contracts';
import { createKey, openRedis, readInstances, subscribeLive } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IngestServer } from '../../../test/setup/ingest-server.js';

let server: IngestServer;
let subscriber: ReturnType<typeof openRedis>;
const messages: LiveMessage[] = [];
beforeAll(async () => {
  server = await IngestServer.start();
  subscriber = openRedis(server.env.REDIS_URL, 'test-live');
  await subscribeLive(subscriber, server.env.PLIMSOLL_NAMESPACE, (message) => messages.push(message));
});
afterAll(async () => {
  subscriber.disconnect();
  await server.stop();
});

const receipt = (change: object = {}) => ({ instance: 'i-1', name: 'api-1', sdk: '0.1.0', version: 3, via: 'stream', ...change });
const send = (body: unknown, key?: string | null) =>
  server.call('/v1/receipts', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    ...(key === undefined ? {} : { key }),
  });
const instances = (service = 'shop') => readInstances(server.redis, server.env.PLIMSOLL_NAMESPACE, service, Date.now());
const soon = <T>(probe: () => T | Promise<T>) => expect.poll(probe, { timeout: 5_000, interval: 20 });

describe('POST /v1/receipts', () => {
  it('keeps what an instance of the key’s service enforces, and tells the console', async () => {
    expect((await send(receipt())).status).toBe(204);
    await soon(instances).toMatchObject([{ id: 'i-1', name: 'api-1', version: 3, via: 'stream' }]);
    await soon(() => messages).toContainEqual({ type: 'receipts', services: ['shop'] });
    await Promise.all([5, 4, 6].map((version) => send(receipt({ version }))));
    await soon(async () => (await instances())[0]?.version).toBe(6);
    expect(await instances('bank')).toEqual([]);
  });

  it('forgets who says goodbye', async () => {
    await send(receipt({ instance: 'i-2' }));
    await soon(async () => (await instances()).length).toBe(2);
    await send(receipt({ instance: 'i-2', goodbye: true }));
    await soon(async () => (await instances()).map(({ id }) => id)).toEqual(['i-1']);
  });

  it('refuses what is no receipt, and who may not send one', async () => {
    for (const body of ['', 'null', '[]', receipt({ instance: 'a b' }), receipt({ version: -1 }), receipt({ name: '' })]) {
      expect(await send(body)).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
    }
    expect((await send(receipt({ name: 'x'.repeat(5_000) }))).status).toBe(413);
    expect((await send(receipt(), null)).status).toBe(401);
    const writer = await createKey(server.db, { service: 'shop', name: 'w', scopes: ['ingest:write'] }, Date.now());
    expect((await send(receipt(), writer.secret)).status).toBe(403);
    expect(await instances()).toHaveLength(1);
  });
});
