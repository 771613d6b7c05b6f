import { describe, expect, it } from 'vitest';
import { boundedRoute, MAX_ROUTE_BYTES } from './name-bounds.js';
import { endpointNamed, Templates } from './templates.js';

const bytes = (text: string) => new TextEncoder().encode(text).length;
const letters = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => String.fromCodePoint(from + at)).join('');

describe('the route in a name', () => {
  it.each<[string, string, number]>([
    ['ASCII', `/${'x'.repeat(600)}`, 512],
    ['two bytes', `/${letters(0x100, 600)}`, 500],
    ['three bytes', `/${letters(0x4e00, 511)}`, 334],
    ['four bytes, two units', `/${letters(0x20000, 400)}`, 499],
    ['a lone surrogate, kept as U+FFFD', `/${'\ud800'.repeat(511)}`, 334],
  ])('of %s is cut to what an index takes', (_, route, units) => {
    const cut = boundedRoute(route);
    expect([cut, cut.length]).toEqual([route.slice(0, units), units]);
    expect(bytes(cut)).toBeLessThanOrEqual(MAX_ROUTE_BYTES);
  });

  it.each(['', '/a', `/${'x'.repeat(511)}`, `/${letters(0x4e00, 333)}`])('%j stays', (route) => {
    expect(boundedRoute(route)).toBe(route);
  });

  it('is so bounded whether a framework or the settings say it', () => {
    const route = `/${letters(0x4e00, 511)}`;
    const named = `POST ${boundedRoute(route)}`;
    expect(new Templates().endpointOf('shop', 'POST', route, '/')).toBe(named);
    expect(endpointNamed(`POST ${route}`)).toBe(named);
  });
});
