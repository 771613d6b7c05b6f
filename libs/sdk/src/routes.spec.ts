import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointPattern, Routes, templateServes } from './routes.js';

const serves = (routes: Routes, endpoint: string, method: string, path: string) =>
  routes.serves(endpointPattern(endpoint), routes.locate(method, path));

describe('templates', () => {
  it.each([
    ['/orders/:id', '/orders/17', true],
    ['/orders/:id', '/ORDERS/17/', true],
    ['/orders/:id', '/orders', false],
    ['/orders/:id', '/orders/17/items', false],
    ['/', '/', true],
    ['/', '/a', false],
    ['/files/*path', '/files/a/b', true],
    ['/files{/:name}', '/other', false],
    ['/files{/:name}', '/files', true],
    ['/files{/:name}', '/files/a', true],
    ['/a/:b(\\d+)', '/a/7', true],
    ['/*', '/anything/at/all', true],
    ['/:number/items', '/7/items', true],
  ])('%s serves %s: %s', (template, path, expected) => {
    expect(templateServes(template, path)).toBe(expected);
  });

  it('are matched in linear time, whatever they are', () => {
    const template = `/${':a'.repeat(380)}${'/:b'.repeat(120)}`;
    const path = `/${'a/'.repeat(1_000)}`;
    const routes = new Routes();
    for (let index = 0; index < 1_000; index += 1) routes.learn('GET', `${template}/${index}`);
    expect(routes.locate('GET', path).template).toBeUndefined();
  });
});

describe('routes', () => {
  it('prefer the most literal of the templates that were seen', () => {
    const routes = new Routes();
    for (const template of ['/*', '/users/:id', '/users/me', '/users/*rest', '/']) routes.learn('GET', template);
    expect(routes.locate('GET', '/users/me').template).toBe('/users/me');
    expect(routes.locate('GET', '/users/7').template).toBe('/users/:id');
    expect(routes.locate('GET', '/users/7/x').template).toBe('/users/*rest');
    expect(routes.locate('GET', '/').template).toBe('/');
    expect(routes.locate('POST', '/users/7').template).toBeUndefined();
  });

  it('tell endpoints apart that share paths', () => {
    const routes = new Routes();
    expect(serves(routes, 'GET /users/:id', 'GET', '/users/me')).toBe(true);
    routes.learn('GET', '/users/me');
    expect(serves(routes, 'GET /users/:id', 'GET', '/users/me')).toBe(false);
    expect(serves(routes, 'GET /users/:id', 'GET', '/users/7')).toBe(true);
    expect(serves(routes, 'GET /users/:id', 'POST', '/users/7')).toBe(false);
  });

  it('match templates that the server learnt from raw paths, but not the overflow over a known route', () => {
    const routes = new Routes();
    routes.learn('GET', '/orders/:id');
    expect(serves(routes, 'GET /orders/:number', 'GET', '/orders/7')).toBe(true);
    expect(serves(routes, 'GET /*', 'GET', '/orders/7')).toBe(false);
    expect(serves(routes, 'GET /*', 'GET', '/wp-login.php')).toBe(true);
  });

  it('remember at most 1,000 templates', () => {
    const routes = new Routes();
    for (let index = 0; index < 3_000; index += 1) routes.learn('GET', `/a/${index}`);
    expect(routes.size).toBe(1_000);
  });

  it('find the template that a path was made from, for any template', () => {
    const segment = fc.stringMatching(/^[a-z0-9._~-]{1,8}$/);
    const part = fc.oneof(segment, fc.constant(':id'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), segment, (parts, value) => {
        const template = `/${parts.join('/')}`;
        const path = `/${parts.map((one) => (one === ':id' ? value : one)).join('/')}`;
        const routes = new Routes();
        routes.learn('GET', template);
        expect(routes.locate('GET', path).template).toBe(template);
      }),
    );
  });
});
