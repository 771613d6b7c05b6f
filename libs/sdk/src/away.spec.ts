import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { FaultyFront, faults } from '../test/faulty-front.js';
import { type Guard, plimsoll } from './guard.js';

let server: FakePlimsoll;
let front: FaultyFront;
let guard: Guard;
const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);
const record = (count: number) => {
  for (let index = 0; index < count; index += 1) guard.record({ method: 'GET', path: `/${index}`, status: 200, ip: '192.0.2.1' });
};
const accounted = () => {
  const { shipped, rejected, dropped, buffered, inFlight } = guard.stats();
  return shipped + rejected + dropped + buffered + inFlight;
};
const verdict = (actor: string) => guard.check({ actor }).verdict;

beforeEach(async () => {
  server = await new FakePlimsoll().start();
  server.publish(decision());
  front = await new FaultyFront(Number(new URL(server.url).port)).start();
  const url = `http://127.0.0.1:${front.port}`;
  guard = plimsoll({ url, key: KEY, flushMs: 10, maxBatch: 50, maxBuffered: 200, onError: () => undefined });
  expect(await guard.ready(10_000)).toBe(true);
  process.on('unhandledRejection', note).on('uncaughtException', note);
});
afterEach(async () => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  await guard.close(0);
  await front.stop().catch(() => undefined);
  await server.stop();
});

describe('a Plimsoll that is', () => {
  it.each(faults)(
    '%s: decisions hold, buffers are bounded, what is dropped is counted, and it comes back by itself',
    async (fault) => {
      await front.become(fault);
      await until(() => !guard.stats().feedConnected, 'noticed');
      record(1_000);
      expect([verdict('mallory'), verdict('ada')]).toEqual(['block', 'allow']);
      expect(guard.stats()).toMatchObject({ recorded: 1_000, buffered: 200 });
      expect(guard.stats().dropped).toBeGreaterThanOrEqual(750);
      expect(accounted()).toBe(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(front.poured).toBeLessThan(128 * 1024 * 1024);
      expect(guard.stats().buffered).toBeLessThanOrEqual(200);
      expect(accounted()).toBe(1_000);

      server.publish(decision(), decision({ subject: { type: 'actor', id: 'eve' } }));
      await front.become('well');
      await until(() => verdict('eve') === 'block' && guard.stats().buffered + guard.stats().inFlight === 0, 'back');
      const { shipped, dropped } = guard.stats();
      expect(shipped).toBeGreaterThanOrEqual(200);
      expect([shipped + dropped, server.logs.length]).toEqual([1_000, shipped]);
      expect(unhandled).toEqual([]);
    },
  );
});
