import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIdentifier, shapeOf } from './segments.js';
import { Templates } from './templates.js';

const endpoint = (path: string, route?: string, method = 'GET') => new Templates().endpointOf('shop', method, route, path, 200);

describe('a route of the framework', () => {
  it.each([
    ['/invoices/:id', 'GET /invoices/:id'],
    ['/invoices/{id}', 'GET /invoices/:id'],
    ['/invoices/{id:[0-9]+}/lines/{line}', 'GET /invoices/:id/lines/:line'],
    ['/y/{year:\\d{4}}', 'GET /y/:year'],
    ['/n/<string(length=2):lang>', 'GET /n/:lang'],
    ['/invoices/<int:invoice_id>', 'GET /invoices/:invoice_id'],
    ['/invoices/<invoice_id>/', 'GET /invoices/:invoice_id'],
    ['/invoices/[id]', 'GET /invoices/:id'],
    ['/docs/[...slug]', 'GET /docs/:slug'],
    ['/users/:id(\\d+)', 'GET /users/:id'],
    ['/users/:id?', 'GET /users/:id'],
    ['/files/*path', 'GET /files/:path'],
    ['/files/*', 'GET /files/:rest'],
    ['invoices//list', 'GET /invoices/list'],
    ['/', 'GET /'],
  ])('%s is %s', (route, expected) => {
    expect(endpoint('/whatever/1', route)).toBe(expected);
  });
  it.each(['*', '/*', '(.*)', '{*path}', ''])('a catch-all (%j) says nothing: the path is read', (route) => {
    expect(endpoint('/invoices/17', route)).toBe('GET /invoices/:id');
  });
});

describe('a raw path', () => {
  it.each([
    ['/invoices/17', '/invoices/:id'],
    ['/invoices/17/', '/invoices/:id'],
    ['//invoices//17//lines', '/invoices/:id/lines'],
    ['/a/./b', '/a/b'],
    ['/users/7c9e6679-7425-40de-944b-e07fc1f90ae7', '/users/:id'],
    ['/items/5203a7e70b667d2cfaee2cd2eb3de082/images', '/items/:id/images'],
    ['/days/2026-01-05', '/days/:id'],
    ['/mail/ann%40example.org', '/mail/:id'],
    ['/t/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/t/:id'],
    ['/t/aB3dE5fG7hI9jK1lM3nO5', '/t/:id'],
    ['/img/12345.png', '/img/:id.png'],
    ['/img/logo.png?v=3#top', '/img/logo.png'],
    ['/v1/credit-card-payment-methods', '/v1/credit-card-payment-methods'],
    ['/blog/how-to-build-a-boat', '/blog/how-to-build-a-boat'],
    ['/%zz/%', '/%zz/%'],
    ['/été/日本', '/été/日本'],
    [`/x/${'y'.repeat(2000)}`, '/x/:id'],
    ['', '/'],
    ['/*', '/:id'],
    ['/:secret', '/:id'],
  ])('%s is %s', (path, expected) => {
    expect(endpoint(path)).toBe(`GET ${expected}`);
  });
  it('unknown methods are one', () => {
    expect(endpoint('/a', undefined, 'BREW')).toBe('OTHER /a');
    expect(endpoint('/a', undefined, 'DELETE')).toBe('DELETE /a');
  });
  it('collapses a level of many words, and says so once', () => {
    const templates = new Templates();
    const seen = Array.from({ length: 100 }, (_, index) =>
      templates.endpointOf(
        'shop',
        'GET',
        undefined,
        `/blog/post-${'abcdefghij'[index % 10]}${'klmnopqrst'[Math.floor(index / 10)]}`,
        200,
      ),
    );
    expect(seen[0]).toBe('GET /blog/post-ak');
    expect(seen.at(-1)).toBe('GET /blog/:id');
    expect(templates.endpointOf('shop', 'POST', undefined, '/blog/new/lines', 200)).toBe('POST /blog/:id/lines');
    expect(templates.takeCollapses()).toEqual([{ service: 'shop', collapse: '/blog/:id' }]);
    expect(templates.takeCollapses()).toEqual([]);
  });
  it('the same facts make the same templates, in any order and on any shard', () => {
    const words = Array.from(
      { length: 400 },
      (_, index) => `w${String.fromCharCode(97 + (index % 26))}${String.fromCharCode(97 + Math.floor(index / 26))}`,
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(words, { minLength: 300 }), (order) => {
        const one = new Templates();
        for (const word of order) one.endpointOf('shop', 'GET', undefined, `/tags/${word}`, 200);
        const facts = one.takeCollapses();
        expect(facts).toEqual([{ service: 'shop', collapse: '/tags/:id' }]);
        const other = new Templates();
        other.restore(
          'shop',
          facts.map(({ collapse }) => collapse),
        );
        other.restore(
          'shop',
          facts.map(({ collapse }) => collapse),
        );
        for (const word of order.slice(0, 20))
          expect(other.endpointOf('shop', 'GET', undefined, `/tags/${word}`, 200)).toBe('GET /tags/:id');
        expect(other.takeCollapses()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
  it("a scanner's inventions teach nothing: misses are one endpoint", () => {
    const templates = new Templates();
    templates.endpointOf('shop', 'GET', undefined, '/cart', 200);
    for (let index = 0; index < 3000; index += 1) {
      expect(templates.endpointOf('shop', 'GET', undefined, `/x${'abcdefghij'[index % 10]}${index}q/y`, 404)).toBe('GET /*');
    }
    expect(templates.takeCollapses()).toEqual([]);
    expect(templates.endpointOf('shop', 'GET', undefined, '/cart', 404)).toBe('GET /cart');
  });
});

describe('the cap', () => {
  it('beyond it an endpoint is METHOD /*, counted; known ones stay', () => {
    const templates = new Templates({ maxEndpoints: 50 });
    for (let index = 0; index < 500; index += 1) templates.endpointOf('shop', 'GET', `/r${index}`, '/', 200);
    expect(templates.endpointOf('shop', 'GET', '/r1', '/', 200)).toBe('GET /r1');
    expect(templates.endpointOf('shop', 'GET', '/r499', '/', 200)).toBe('GET /*');
    expect(templates.overflowed).toBeGreaterThanOrEqual(450);
    expect(templates.endpointOf('other', 'GET', '/r499', '/', 200)).toBe('GET /r499');
  });
  it('any text makes a short, clean endpoint', () => {
    const templates = new Templates();
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 2048 }),
        fc.option(fc.string({ maxLength: 600 }), { nil: undefined }),
        fc.string(),
        (path, route, method) => {
          const name = templates.endpointOf('shop', method, route, path, 200);
          expect(name).toMatch(/^[A-Z]+ \//);
          expect(name.length).toBeLessThanOrEqual(540);
          expect(name).toBe(templates.endpointOf('shop', method, route, path, 200));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('segments', () => {
  it.each(['me', 'v1', 'search', 'feedback', 'deadbeef', 'favicon.ico', 'customer-invoice-line-items', 'OAuth2', 'abc123'])(
    '%s is a word',
    (word) => {
      expect(isIdentifier(word)).toBe(false);
    },
  );
  it.each([
    '0',
    '-17',
    '1.2.3',
    'deadbee1',
    'd41d8cd98f00b204e9800998ecf8427e',
    '2026-01',
    'a@b.co',
    'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
  ])('%s is an id', (id) => {
    expect(isIdentifier(id)).toBe(true);
  });
  it('two misses of one shape are one', () => {
    expect(shapeOf('/items/1/image.png')).toBe(shapeOf('/items/22/image.png?x=1'));
    expect(shapeOf('/admin.php')).not.toBe(shapeOf('/login.php'));
  });
});
