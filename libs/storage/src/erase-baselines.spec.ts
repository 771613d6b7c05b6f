import { describe, expect, it } from 'vitest';
import { namesActor } from './erase-baselines.js';

describe('whether a text names an actor', () => {
  const odd = 'mal"oryé\n7';
  const ascii = (text: string) =>
    text.replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const nest = (value: unknown, depth: number): string => (depth === 0 ? String(value) : JSON.stringify(nest(value, depth - 1)));

  it.each<[string, string, string, boolean]>([
    ['a key of JSON', 'u1', 'r["shop",false,"actor","u1"]', true],
    ['a part of a key between lines', 'u1', 'frate\nshop\nactor\nu1\nGET /', true],
    ['such a key within JSON', 'u1', JSON.stringify({ key: 'rate\nshop\nactor\nu1\nGET /' }), true],
    ['a member of a list', 'u1', '{"actors":["u0","u1"]}', true],
    ['the word of a sentence', 'u1', '{"said":"u1 was quick"}', true],
    ['another that begins alike', 'u1', '["u12"]', false],
    ['another that ends alike', 'u1', '["au1"]', false],
    ['a number is no id', '7', '{"count":7,"list":[7,7]}', false],
    ['unless it stands for one', '7', '{"actors":["7"]}', true],
    ['an expression', 'u.*', '["u12"]', false],
    ['nothing', 'u1', '', false],
  ])('%s', (_, actor, text, named) => {
    expect(namesActor(actor)(text)).toBe(named);
  });

  it.each([1, 2, 3])('in JSON %d deep, whatever it is made of, in ASCII or not', (depth) => {
    const text = nest(odd, depth);
    expect([namesActor(odd)(text), namesActor(odd)(ascii(text))]).toEqual([true, true]);
  });
});
