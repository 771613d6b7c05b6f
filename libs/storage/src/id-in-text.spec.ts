import { describe, expect, it } from 'vitest';
import { namesId, replaceId } from './id-in-text.js';

const hide = (text: string, id: string) => replaceId(text, id, (spelling) => `<${spelling}>`);

describe('an id in a text', () => {
  it.each([
    ['u1 did as u12 did, not u1-x', 'u1', '<u1> did as u12 did, not u1-x'],
    ['/users/auth0%7C5f7c/orders', 'auth0|5f7c', '/users/<auth0%7C5f7c>/orders'],
    ['/users/auth0%7c5f7c, /users/auth0|5f7c', 'auth0|5f7c', '/users/<auth0%7c5f7c>, /users/<auth0|5f7c>'],
    ['/u/a%40b.com/x', 'a@b.com', '/u/<a%40b.com>/x'],
    ['/u/a%40b%2Ecom', 'a@b.com', '/u/<a%40b%2Ecom>'],
    ['/u/zo%C3%AB%20k', 'zoë k', '/u/<zo%C3%AB%20k>'],
    ['/next%2Fu1', 'u1', '/next%2F<u1>'],
    ['%ff%7Cu1 at 7 % of %zz', 'u1', '%ff%7C<u1> at 7 % of %zz'],
    ['/u/%ff/auth0%7C5', 'auth0|5', '/u/%ff/<auth0%7C5>'],
    ['/u/auth0%7C5f7c1', 'auth0|5f7c', '/u/auth0%7C5f7c1'],
    ['/u/xa%40b.com', 'a@b.com', '/u/xa%40b.com'],
    ['/u/aXb', 'a.b', '/u/aXb'],
    ['(x)* and %28x%29%2A', '(x)*', '<(x)*> and <%28x%29%2A>'],
  ])('%j of %j', (text, id, hidden) => {
    expect(hide(text, id)).toBe(hidden);
    expect(namesId(text, id)).toBe(text !== hidden);
  });

  it('gives way to whatever name, also one that a replacement could read', () => {
    expect(replaceId('by u1, %75%31', 'u1', () => '$&')).toBe('by $&, $&');
  });
});
