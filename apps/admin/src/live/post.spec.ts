import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Post } from './post.js';

describe('the post', () => {
  it('tells in the order in which things came, whichever is looked up first', async () => {
    const [post, told]: [Post, unknown[]] = [new Post(), []];
    for (const ms of [30, 1, 10])
      post.add(
        () => sleep(ms, ms),
        (value) => told.push(value),
      );
    await sleep(100);
    expect(told).toEqual([30, 1, 10]);
  });

  it('tells without content what cannot be looked up, and goes on', async () => {
    const [post, told]: [Post, unknown[]] = [new Post(), []];
    post.add(
      () => Promise.reject(new Error('away')),
      (value) => told.push(value),
    );
    post.add(
      async () => 2,
      (value) => told.push(value),
    );
    await sleep(10);
    expect([told, post.dropped]).toEqual([[undefined, 2], 1]);
  });

  it('looks up a thousand at a time, and tells the others without content', async () => {
    const [post, told]: [Post, unknown[]] = [new Post(), []];
    for (let index = 0; index < 1_200; index += 1)
      post.add(
        async () => index,
        (value) => told.push(value),
      );
    await sleep(100);
    expect([told.length, told.filter((value) => value === undefined).length, post.dropped]).toEqual([1_200, 200, 200]);
    expect(told.slice(0, 3)).toEqual([0, 1, 2]);
  });
});
