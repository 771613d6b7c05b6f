import { describe, expect, it } from 'vitest';
import { type EraseDraft, eraseFault, isPseudonym, progressText } from './privacy-words.js';

describe('a pseudonym', () => {
  it.each([
    ['anon_0123456789abcdef', true],
    ['anon_0123456789abcde', false],
    ['mallory', false],
    [' anon_0123456789abcdef', false],
  ])('%j: %s', (text, is) => expect(isPseudonym(text)).toBe(is));
});

describe('an order to erase', () => {
  const whole: EraseDraft = { actor: 'u 1', again: 'u 1', reason: 'asked for it' };
  it.each<[string, Partial<EraseDraft>, keyof EraseDraft | undefined]>([
    ['is whole', {}, undefined],
    ['needs somebody', { actor: '', again: '' }, 'actor'],
    ['needs a reason', { reason: '  ' }, 'reason'],
    ['needs the name once more', { again: '' }, 'again'],
    ['takes no other name', { again: 'u 1 ' }, 'again'],
    ['tells ids apart that end with a space', { actor: 'u 1 ', again: 'u 1 ' }, undefined],
    ['says what is missing before what differs', { again: '', reason: '' }, 'reason'],
  ])('%s', (_, part, field) => expect(eraseFault({ ...whole, ...part })?.field).toBe(field));
});

describe('how far an erasure has come', () => {
  const erased = [
    { place: 'request history', count: 1_200 },
    { place: 'decisions', count: 1 },
  ];
  it.each<[number | null, typeof erased, string]>([
    [null, [], 'The workers are at it.'],
    [null, erased, 'The workers are at it: 1,201 removed so far.'],
    [1, erased, 'Done: 1,201 removed.'],
    [1, [], 'Done: nothing was there.'],
  ])('%s with %j', (doneAt, parts, says) => expect(progressText({ doneAt, erased: parts })).toBe(says));
});
