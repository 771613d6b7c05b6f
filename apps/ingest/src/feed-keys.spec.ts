import { beforeEach, describe, expect, it } from 'vitest';
import { FeedKeys } from './feed-keys.js';

let asked: string[][] = [];
let ended: string[] = [];
let counted = 0;
let answer: () => Promise<string[]>;
let keys: FeedKeys;
beforeEach(() => {
  [asked, ended, counted] = [[], [], 0];
  answer = async () => ended;
  keys = new FeedKeys(
    (prefixes) => {
      asked.push(prefixes);
      return answer();
    },
    () => {
      counted += 1;
    },
  );
});
const reader = (prefix: string) => {
  const seen = { ends: 0, leave: () => {} };
  seen.leave = keys.enter(prefix, () => {
    seen.ends += 1;
  });
  return seen;
};

describe('the keys by which the feed is read', () => {
  it('are asked for once each, however many read, and not at all where nobody does', async () => {
    await keys.recheck();
    const readers = ['a', 'a', 'b', 'a'].map(reader);
    await keys.recheck();
    expect(asked).toEqual([['a', 'b']]);
    for (const { leave } of readers) leave();
    await keys.recheck();
    expect(asked).toHaveLength(1);
  });

  it('send all their readers away when they have ended, once, and nobody else', async () => {
    const [first, second, other, gone] = [reader('a'), reader('a'), reader('b'), reader('a')];
    gone.leave();
    ended = ['a'];
    await keys.recheck();
    await keys.recheck();
    expect([first.ends, second.ends, other.ends, gone.ends, counted]).toEqual([1, 1, 0, 0, 2]);
    expect(asked).toEqual([['a', 'b'], ['b']]);
  });

  it('are asked for again when somebody comes back by them, whoever leaves late', async () => {
    const before = reader('a');
    ended = ['a'];
    await keys.recheck();
    const again = reader('a');
    before.leave();
    await keys.recheck();
    expect(again.ends).toBe(1);
  });

  it('are asked for one question at a time, and again after one that failed', async () => {
    const one = reader('a');
    let fail = (_: Error) => {};
    answer = () => new Promise((_, reject) => (fail = reject));
    const asking = keys.recheck();
    await keys.recheck();
    expect(asked).toHaveLength(1);
    fail(new Error('the database is away'));
    await expect(asking).rejects.toThrow('away');
    expect(one.ends).toBe(0);
    answer = async () => ['a'];
    await keys.recheck();
    expect(one.ends).toBe(1);
  });
});
