import { describe, expect, it } from 'vitest';
import { type Entry, Losses, Reel } from './reel.js';

const entry = (seq: number, rows = 1, characters = 100): Entry => ({
  seq,
  id: `b${seq}`,
  service: seq % 2 ? 'odd' : 'even',
  text: 'x'.repeat(rows === 0 ? 0 : characters),
  rows,
  from: seq * 10,
  to: seq * 10 + 5,
});
const reelOf = (entries: Entry[], cut = 0) => {
  const reel = new Reel(cut);
  for (const each of entries) reel.push(each);
  return reel;
};

describe('a reel', () => {
  it('cuts a chunk once, and the same again until it is done', () => {
    const reel = reelOf([entry(1), entry(2, 0), entry(3)]);
    const first = reel.chunk();
    reel.push(entry(4));
    expect(first).toMatchObject({ last: 3, rows: 2, texts: [entry(1).text, entry(3).text] });
    expect(reel.chunk()).toEqual(first);
    if (first) expect(reel.done(first)).toBe(200);
    expect(reel.chunk()).toMatchObject({ last: 4 });
  });

  it('gives a chunk that was cut before the same token, whatever of no requests stands in it', () => {
    const before = reelOf([entry(1), entry(2, 0), entry(3)]).chunk();
    const successor = reelOf([entry(1), entry(3), entry(4)], 3).chunk();
    expect(successor).toMatchObject({ last: 3, token: before?.token });
    expect(reelOf([entry(1), entry(3), entry(4)]).chunk()?.token).not.toBe(before?.token);
  });

  it('cuts by rows and by size, and never nothing', () => {
    const wide = reelOf([entry(1, 15_000), entry(2, 15_000)]);
    expect(wide.full).toBe(true);
    expect(wide.chunk()).toMatchObject({ last: 1 });
    const huge = reelOf([entry(1, 1, 6_000_000), entry(2)]);
    expect(huge.chunk()).toMatchObject({ last: 1 });
    expect(reelOf([]).chunk()).toBeUndefined();
    expect(reelOf([entry(1)]).full).toBe(false);
  });

  it('drops the oldest that are in no chunk, and never the newest', () => {
    const reel = reelOf([entry(1), entry(2), entry(3), entry(4), entry(5)], 2);
    reel.chunk();
    expect(reel.drop(150).map(({ seq }) => seq)).toEqual([3, 4]);
    expect(reel.drop(1_000)).toEqual([]);
    expect(reel.chunk()).toMatchObject({ last: 2, rows: 2 });
  });

  it('adds up what is lost by service', () => {
    const losses = new Losses();
    for (const each of [entry(1, 3), entry(2), entry(3), entry(4, 0)]) losses.add(each);
    expect(losses.all).toEqual([
      { service: 'odd', from: 10, to: 35, requests: 4 },
      { service: 'even', from: 20, to: 25, requests: 1 },
    ]);
    const more = new Losses();
    more.add(entry(5));
    expect(more.with(losses).all[0]).toEqual({ service: 'odd', from: 10, to: 55, requests: 5 });
  });
});
