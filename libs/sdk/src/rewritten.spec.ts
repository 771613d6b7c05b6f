import { COLUMNS_TYPE } from '@plimsoll/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakePlimsoll, KEY, sendJson, until } from '../test/fake-plimsoll.js';
import { type Guard, plimsoll } from './guard.js';

let server: FakePlimsoll;
let guard: Guard;

const recordMany = (count: number) => {
  for (let index = 0; index < count; index += 1)
    guard.record({ method: 'GET', path: `/a/${index}`, status: 200, ip: '192.0.2.7' });
};
const balance = () => {
  const { recorded, shipped, rejected, dropped, buffered, inFlight } = guard.stats();
  expect(shipped + rejected + dropped + buffered + inFlight).toBe(recorded);
};

beforeEach(async () => {
  server = await new FakePlimsoll().start();
  guard = plimsoll({ url: server.url, key: KEY, flushMs: 10, onError: () => undefined });
});
afterEach(async () => {
  await guard.close(0);
  await server.stop();
});

describe('a batch by columns', () => {
  it('is written log by log for a server from before columns, which loses and repeats none, and so are those after it', async () => {
    server.readsColumns = false;
    recordMany(30);
    await until(() => guard.stats().shipped === 30, 'taken by rows');
    expect(server.batches.map(({ type }) => type)).toEqual(['application/json']);
    recordMany(30);
    await until(() => guard.stats().shipped === 60, 'taken by rows at once');
    expect(guard.stats()).toMatchObject({ rewritten: 1, batches: 2, rejected: 0, dropped: 0, retries: 0 });
    expect(server.logs.map(({ path }) => path)).toEqual([...server.logs.keys()].map((index) => `/a/${index % 30}`));
    balance();
  });

  it('that is refused either way says nothing against columns', async () => {
    server.onBatch = (_request, response) => sendJson(response, 400, {});
    recordMany(3);
    await until(() => guard.stats().rejected === 3, 'refused by columns and by rows');
    expect(server.batches.map(({ type }) => type)).toEqual([COLUMNS_TYPE, 'application/json']);
    server.onBatch = undefined;
    recordMany(3);
    await until(() => guard.stats().shipped === 3, 'taken');
    expect(server.batches.at(-1)?.type).toBe(COLUMNS_TYPE);
    expect(guard.stats()).toMatchObject({ rewritten: 1 });
    balance();
  });
});
