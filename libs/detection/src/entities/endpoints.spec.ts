/** What the name of an endpoint says about it. */
import { describe, expect, it } from 'vitest';
import { classOf, Endpoint } from './endpoints.js';

describe('an endpoint by its name', () => {
  it.each([
    'POST /login',
    'POST /api/v2/sessions',
    'POST /login/code',
    'POST /api/v2/sessions/second-factor',
    'POST /two-factor/verify',
    'PUT /totp',
  ])('%s is where people sign in', (name) => expect(classOf(name)).toBe('sign-in'));

  it.each(['GET /login', 'POST /sessions/refresh', 'POST /factors', 'POST /orders', 'POST /catalogue/tops'])(
    '%s is not',
    (name) => expect(classOf(name)).toBe('other'),
  );

  it.each([
    ['GET /orders/:id', true],
    ['POST /orders', true],
    ['GET /orders', false],
    ['HEAD /orders', false],
  ])('%s is called once for each thing: %s', (name, expected) => expect(new Endpoint(0, 'shop', name).oneByOne).toBe(expected));
});
