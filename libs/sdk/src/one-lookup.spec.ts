import { describe, expect, it } from 'vitest';
import { FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { plimsoll } from './guard.js';
import { oneLookup } from './one-lookup.js';

const LOOPBACK = [{ address: '127.0.0.1', family: 4 }];

describe('the lookup of a name', () => {
  it('is done once for all who ask meanwhile, in the form that each asked for, and again later', () => {
    const answers: ((error: Error | null, addresses: typeof LOOPBACK) => void)[] = [];
    const lookup = oneLookup((_hostname, _options, answered) => answers.push(answered as never));
    const told: unknown[] = [];
    lookup('a.example', { all: true }, (...said) => told.push(said));
    lookup('a.example', {}, (...said) => told.push(said));
    expect([answers.length, told.length]).toEqual([1, 0]);
    answers[0]?.(null, LOOPBACK);
    expect(told).toEqual([
      [null, LOOPBACK],
      [null, '127.0.0.1', 4],
    ]);
    lookup('a.example', {}, (...said) => told.push(said));
    answers[1]?.(new Error('gone'), []);
    expect(told[2]).toEqual([new Error('gone'), '']);
    lookup('a.example', {}, (error) => told.push(error?.message));
    answers[2]?.(null, []);
    expect(told[3]).toBe('the name has no address');
  });

  it('that fails is a fault, and nothing more: logs are kept, requests pass, and the guard can be closed', async () => {
    const guard = plimsoll({ url: 'http://plimsoll.invalid', key: KEY, flushMs: 10, onError: () => undefined });
    guard.record({ method: 'GET', path: '/', status: 200, ip: '192.0.2.1' });
    await until(() => guard.stats().faults.unreachable > 0, 'noticed');
    expect(guard.check({ actor: 'ada' }).verdict).toBe('allow');
    expect(guard.stats()).toMatchObject({ recorded: 1, inFlight: 1, shipped: 0, dropped: 0 });
    await guard.close(0);
    expect(guard.stats()).toMatchObject({ inFlight: 0, dropped: 1 });
  });

  it('by name reaches a server as before', async () => {
    const server = await new FakePlimsoll().start();
    const guard = plimsoll({ url: server.url.replace('127.0.0.1', 'localhost'), key: KEY, flushMs: 10 });
    expect(await guard.ready(10_000)).toBe(true);
    await guard.close(0);
    await server.stop();
  });
});
