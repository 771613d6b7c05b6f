import { once } from 'node:events';
import type { LiveMessage } from '@plimsoll/contracts';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { announce, listen } from './channel.js';
import { publishLive, subscribeLive } from './live.js';
import { openRedis } from './redis.js';

const redis = openRedis(inject('redisUrl'), 'channel-spec');
const subscriber = openRedis(inject('redisUrl'), 'channel-spec-listener');
let name: string;
beforeEach(() => {
  name = randomNamespace();
});
afterAll(() => {
  redis.disconnect();
  subscriber.disconnect();
});

/** Resolves once everything published before it has come. */
async function passed(channel: string): Promise<void> {
  const marker = randomNamespace();
  const seen = new Promise<void>((resolve) => {
    const read = (_: string, text: string) => {
      if (text !== JSON.stringify(marker)) return;
      subscriber.off('message', read);
      resolve();
    };
    subscriber.on('message', read);
  });
  await announce(redis, channel, marker);
  await seen;
}

describe('listen', () => {
  it('hears its own channel alone, and drops what is no JSON', async () => {
    const heard: unknown[] = [];
    await listen(subscriber, name, (message) => heard.push(message));
    await listen(subscriber, `${name}-other`, () => {});
    await redis.publish(name, '{"cut":');
    await announce(redis, `${name}-other`, { of: 'others' });
    await announce(redis, name, { text: 'a\r\nb' });
    await passed(name);
    expect(heard[0]).toEqual({ text: 'a\r\nb' });
    expect(heard).toHaveLength(2); // The second is the marker.
  });

  it('ends when told to', async () => {
    const heard: unknown[] = [];
    const stop = await listen(subscriber, name, (message) => heard.push(message));
    await stop();
    expect(await redis.publish(name, '1')).toBe(0);
    expect(heard).toEqual([]);
  });

  it('goes on after a reconnect', async () => {
    const heard: unknown[] = [];
    await listen(subscriber, name, (message) => heard.push(message));
    const back = once(subscriber, 'ready');
    const id = await redis.client('LIST', 'TYPE', 'PUBSUB');
    const own = String(id).match(/id=(\d+) [^\n]*name=plimsoll-channel-spec-listener/)?.[1];
    await redis.client('KILL', 'ID', Number(own));
    await back;
    await expect.poll(() => redis.publish(name, '"again"')).toBe(1);
    await expect.poll(() => heard).toContain('again');
  });
});

describe('the live channel', () => {
  it('carries messages within its namespace, and drops what is none', async () => {
    const heard: LiveMessage[] = [];
    await subscribeLive(subscriber, name, (message) => heard.push(message));
    const message: LiveMessage = { type: 'session-revoked', sessionId: 'ses_1' };
    await publishLive(redis, `${name}x`, { type: 'session-revoked', sessionId: 'ses_2' });
    for (const text of ['null', '7', '"alert"', '[]', '{}']) await redis.publish(`${name}:live`, text);
    await publishLive(redis, name, message);
    await passed(`${name}:live`);
    expect(heard).toEqual([message]);
  });
});
