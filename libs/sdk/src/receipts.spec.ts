import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { receiptSchema } from '@plimsoll/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { type Guard, plimsoll } from './guard.js';
import type { PlimsollOptions } from './guard-options.js';
import { SDK_VERSION } from './receipts.js';

let server: FakePlimsoll;
let guard: Guard;
const open = (options: Partial<PlimsollOptions> = {}) => {
  guard = plimsoll({ url: server.url, key: KEY, flushMs: 10, onError: () => undefined, ...options });
};
const versions = () => server.receipts.map(({ version, goodbye }) => (goodbye ? -version : version));

beforeEach(async () => {
  server = await new FakePlimsoll().start();
});
afterEach(async () => {
  await guard.close(0);
  await server.stop();
});

describe('a receipt', () => {
  it('is sent at once after each version was applied, and says who sends it', async () => {
    server.publish(decision());
    open();
    await until(() => versions().at(-1) === 1, 'the first');
    expect(guard.check({ actor: 'mallory' }).verdict).toBe('block');
    server.publish();
    await until(() => versions().at(-1) === 2, 'the second');
    for (const receipt of server.receipts) {
      expect(receiptSchema.safeParse(receipt).success).toBe(true);
      expect(receipt).toMatchObject({ name: `${hostname()}:${process.pid}`, sdk: SDK_VERSION, via: 'stream', goodbye: false });
    }
    expect(new Set(server.receipts.map(({ instance }) => instance)).size).toBe(1);
  });

  it('carries the name that the host gives', async () => {
    open({ instance: 'api-7' });
    await until(() => server.receipts[0]?.name === 'api-7', 'named');
  });

  it('tells of the newest version only where many come at once', async () => {
    open();
    await until(() => versions().length === 1, 'the first');
    for (let version = 1; version <= 200; version += 1) server.publish();
    await until(() => versions().at(-1) === 200, 'the newest');
    expect(versions().length).toBeLessThan(100);
  });

  it('comes no more often than the server asks for', async () => {
    const stream = server.stream.bind(server);
    server.onFeed = (request, response) => {
      const hello = server.hello.bind(server);
      server.hello = (asked) => hello(asked, { receiptMs: 400 });
      stream(request, response);
    };
    open();
    await until(() => versions().length === 1, 'the first');
    server.publish();
    server.publish();
    await until(() => versions().at(-1) === 2, 'the last');
    const [first, second] = server.receipts;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(380);
    expect(versions()).toEqual([0, 2]);
  });

  it('is goodbye when the guard is closed, once', async () => {
    server.publish();
    open();
    await until(() => versions().length === 1, 'the first');
    await Promise.all([guard.close(), guard.close()]);
    expect(versions()).toEqual([1, -1]);
  });

  it('that is refused harms nothing, and is sent again with the next word of the server', async () => {
    server.receiptStatus = 503;
    open();
    await until(() => guard.stats().faults.refused > 0, 'refused');
    server.receiptStatus = 204;
    server.publish(decision());
    await until(() => versions().at(-1) === 1 && guard.check({ actor: 'mallory' }).verdict === 'block', 'sent again');
  });

  it('names the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(SDK_VERSION).toBe(version);
  });
});
