import { type Demands, type FeedFrame, MAX_DEMANDS, type SharesFrame } from '@plimsoll/contracts';
import { announceFeed, createDecision, createKey, openRedis } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guard, plimsoll } from '../../../libs/sdk/src/index.js';
import { framesOf } from '../../../test/setup/decisions.js';
import { IngestServer, NONCE } from '../../../test/setup/ingest-server.js';

let server: IngestServer;
beforeAll(async () => {
  server = await IngestServer.start({}, { beatMs: 60_000 });
});
afterAll(() => server.stop());

const asking = (change: Partial<Demands['demands'][number]> = {}): Demands => ({
  instance: 'i-1',
  nonce: 'nonce-of-a-test-0001',
  demands: [{ id: 'dec_1', requests: 60, windowSeconds: 60, life: 1, wanted: 2, admitted: 1, ...change }],
});
const send = (body: unknown, key?: string | null) =>
  server.call('/v1/demand', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    ...(key === undefined ? {} : { key }),
  });
const sharesOf = (text: string): SharesFrame => JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? 'null');

describe('POST /v1/demand', () => {
  it('answers who asks with its shares, signed', async () => {
    const { status, headers, text } = await send(asking());
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(text).toMatch(/^data: \{.*\}\ndata: [\w-]+\.\.[\w-]{86}\n\n$/);
    const frame = sharesOf(text);
    expect(frame).toMatchObject({
      type: 'shares',
      service: 'shop',
      instance: 'i-1',
      nonce: 'nonce-of-a-test-0001',
      everyMs: 1_000,
    });
    expect(frame.shares).toEqual([{ id: 'dec_1', requests: 4, part: 1, busy: true }]);
  });

  it('refuses what is no demand, and who may not send one', async () => {
    const many = {
      ...asking(),
      demands: Array.from({ length: MAX_DEMANDS + 1 }, (_, index) => asking({ id: `d${index}` }).demands[0]),
    };
    const wrong = [asking({ id: 'a b' }), asking({ requests: 0 }), asking({ wanted: -1 }), { ...asking(), nonce: 'short' }, many];
    for (const body of ['', 'null', '[]', ...wrong, { ...asking(), demands: [] }]) {
      expect(await send(body)).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
    }
    expect((await send('x'.repeat(40_000))).status).toBe(413);
    expect((await send(asking(), null)).status).toBe(401);
    const writer = await createKey(server.db, { service: 'shop', name: 'w', scopes: ['ingest:write'] }, Date.now());
    expect((await send(asking(), writer.secret)).status).toBe(403);
  });

  it('lets who follows the feed know of other instances and of busy throttles, soon', async () => {
    await send(asking({ id: 'dec_busy', wanted: 50, admitted: 9 }));
    const poll = await server.call('/v1/feed', { headers: NONCE });
    const hello = framesOf(poll.text).find((frame) => frame.type === 'hello');
    expect(hello).toMatchObject({ instances: 1, busy: expect.arrayContaining(['dec_busy']) });

    const stream = await fetch(`${server.app.url}/v1/feed/stream`, {
      headers: { ...NONCE, authorization: `Bearer ${server.key}` },
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await expect.poll(() => text).toContain('"type":"snapshot"');
    await send(asking({ id: 'dec_news', wanted: 50, admitted: 9 }));
    const beats = (): FeedFrame[] => framesOf(text).filter((frame) => frame.type === 'beat');
    await expect
      .poll(beats, { timeout: 5_000 })
      .toContainEqual(expect.objectContaining({ busy: expect.arrayContaining(['dec_news']) }));
    await server.app.stop();
    await reading;
    server = await IngestServer.start({}, { beatMs: 60_000 });
  });
});

describe('real instances on two ingest processes', () => {
  it('admit the limit together, whichever of them is asked', async () => {
    const other = await IngestServer.startOn({ ...server.env, PORT: 0 });
    const urls = [server.app.url, other.url, server.app.url, other.url];
    const guards: Guard[] = urls.map((url) => plimsoll({ url, key: server.key, onError: () => undefined }));
    try {
      expect(await Promise.all(guards.map((guard) => guard.ready(10_000)))).toEqual([true, true, true, true]);
      const now = Date.now();
      const rate = { requests: 120, windowSeconds: 60 };
      const draft = { service: 'shop', action: 'throttle' as const, subject: { type: 'actor' as const, id: 'mallory' }, rate };
      const rest = {
        endpoint: null,
        reason: 'x',
        alertId: null,
        until: now + 600_000,
        origin: { type: 'person' as const, name: 'x' },
      };
      const { version } = await server.db.transaction((tx) => createDecision(tx, { ...draft, ...rest }, now));
      const redis = openRedis(server.env.REDIS_URL, 'test-announce');
      await announceFeed(redis, server.env.PLIMSOLL_NAMESPACE, 'shop', version);
      redis.disconnect();
      await expect.poll(() => guards.every((guard) => guard.stats().decisions === 1), { timeout: 5_000 }).toBe(true);

      let admitted = 0;
      const began = performance.now();
      // The first instance sees most of it; forty requests a second in all.
      for (let step = 0; performance.now() - began < 10_000; step += 1) {
        const guard = guards[step % 3 === 0 ? 1 + (step % 9) / 3 : 0];
        if (guard?.check({ actor: 'mallory' }).verdict === 'allow') admitted += 1;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      const due = ((performance.now() - began) / 1000) * 2;
      // Alone each would admit a burst of 12 and two a second, a hundred and more together.
      expect(admitted).toBeLessThanOrEqual(due + 10 + guards.length);
      expect(admitted).toBeGreaterThanOrEqual(due - 4);
      for (const guard of guards) expect(guard.stats().faults).toMatchObject({ forged: 0, refused: 0, unreachable: 0 });
    } finally {
      await Promise.all(guards.map((guard) => guard.close(0)));
      await other.stop();
    }
  }, 40_000);
});
