import { describe, expect, it } from 'vitest';
import { doorLines, signedText } from './door-words.js';

const door = (part: object = {}) => ({
  signed: 0,
  unsigned: 0,
  refusedUnsigned: 0,
  refusedSignature: 0,
  refusedReplayed: 0,
  late: 0,
  ahead: 0,
  ...part,
});

describe('the door in words', () => {
  it.each([
    [{}, 'Nothing has come.'],
    [{ unsigned: 3 }, '3 batches, none of them signed.'],
    [{ signed: 1_200 }, '1,200 batches, all signed.'],
    [{ signed: 1, unsigned: 3 }, '4 batches, 25% signed.'],
  ])('says how much is signed: %j', (part, text) => {
    expect(signedText(door(part)).replace(/\s/g, ' ')).toBe(text);
  });

  it('lists what happened, and marks what is worth a look', () => {
    expect(doorLines(door())).toEqual([]);
    expect(doorLines(door({ refusedReplayed: 2, late: 7 })).map(({ value, alarming }) => [value, alarming])).toEqual([
      [2, true],
      [7, false],
    ]);
  });
});
