import { describe, expect, it } from 'vitest';
import { looksFor, namesIn, unnamedSentence, unnamedText } from './unname.js';

describe('an id that looks like something else', () => {
  it.each<[string, string, boolean, string]>([
    [
      '42',
      '42 requests a minute on GET /x/42; its own norm is 42.',
      true,
      '42 requests a minute on GET /x/42; its own norm is 42.',
    ],
    ['42', 'One credential of 42 went 42 times to and fro', true, 'One credential of erased went 42 times to and fro'],
    ['mallory', 'One credential of mallory went 2 times to and fro', false, 'One credential of erased went 2 times to and fro'],
    ['rate', 'the rate of others', false, 'the rate of others'],
    ['mallory', 'u2 with mallory, on GET /users/mallory', true, 'u2 with erased, on GET /users/mallory'],
    ['a$&b', 'One credential of a$&b went 2 times', false, 'One credential of erased went 2 times'],
  ])('%s in “%s”', (actor, sentence, listed, left) => {
    expect(unnamedSentence(sentence, actor, listed)).toBe(left);
  });

  it('is one in a sentence too where that has room for the beginning alone', () => {
    const long = 'm'.repeat(200);
    const sentence = `One credential of ${'m'.repeat(79)}… went twice`;
    expect(unnamedSentence(sentence, long, true)).toBe('One credential of erased went twice');
  });

  it('is a word in what a person wrote', () => {
    expect(unnamedText('called 42, not 421 or 42-b', '42')).toBe('called erased, not 421 or 42-b');
  });

  it.each<[string, unknown, boolean]>([
    ['42', { signals: [{ observed: 42 }], actors: { items: ['u1'], total: 42 } }, false],
    ['42', { actors: { items: ['42'], total: 1 } }, true],
    ['42', { allow: { actors: ['42'] } }, true],
    ['name', { groups: [{ name: 'staff', actors: ['u1'] }] }, false],
    ['block', { action: 'block', subject: { type: 'actor', id: 'u1' } }, false],
    ['u1', { action: 'block', subject: { type: 'actor', id: 'u1' } }, true],
    ['u1', { subject: { type: 'address', id: 'u1' } }, false],
    ['u1', { items: [{ explanation: 'One credential of u1 went twice' }] }, true],
    ['u1', [null, { actor: 'u1' }], true],
  ])('%s in %j', (actor, value, named) => {
    expect(namesIn(value, actor)).toBe(named);
  });

  it.each<[string, string, boolean]>([
    ['7', '?days=7', false],
    ['rate', '?kind=rate&state=open', false],
    ['open', '?kind=rate&state=open', false],
    ['7', '?subject=7', true],
    ['mal"oryé 7', `?${new URLSearchParams({ text: 'by mal"oryé 7' })}`, true],
    ['mallory', '?subjectId=mallory', true],
    ['mallory', '?subject=mallory-2', false],
    ['mallory', '%%%?=&', false],
  ])('%s in the view %s', (actor, search, looked) => {
    expect(looksFor(search, actor)).toBe(looked);
  });
});
