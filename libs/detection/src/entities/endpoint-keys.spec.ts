import { expect, it } from 'vitest';
import { EndpointKeys } from './endpoint-keys.js';

it('remembers keys of all services together up to a bound, and then begins anew', () => {
  const keys = new EndpointKeys();
  for (let n = 0; n < 10_000; n += 1) keys.of(`service-${n % 100}`, `GET /${n}`);
  expect([keys.of('service-0', 'GET /0'), keys.cleared]).toEqual(['["service-0","GET /0"]', 0]);
  expect([keys.of('another', 'GET /0'), keys.cleared]).toEqual(['["another","GET /0"]', 1]);
  for (let n = 1; n < 10_000; n += 1) keys.of(`service-${n % 100}`, `GET /${n}`);
  expect(keys.cleared).toBe(1);
});
