import { describe, expect, it } from 'vitest';
import { Budget } from './budget.js';

describe('a budget', () => {
  it('grants its size at once and refills evenly', () => {
    const budget = new Budget(3, 30_000);
    expect([0, 0, 0, 0].map(() => budget.take('a', 0))).toEqual([0, 0, 0, 10]);
    expect(budget.take('a', 4_000)).toBe(6);
    expect(budget.take('a', 10_000)).toBe(0);
    expect(budget.take('a', 10_000)).toBe(10);
    expect([0, 0, 0, 0].map(() => budget.take('a', 1_000_000))).toEqual([0, 0, 0, 10]);
  });

  it('tells the wait without taking', () => {
    const budget = new Budget(1, 10_000);
    expect([budget.wait('a', 0), budget.wait('a', 0), budget.take('a', 0)]).toEqual([0, 0, 0]);
    expect([budget.wait('a', 0), budget.wait('a', 4_000), budget.wait('a', 10_000)]).toEqual([10, 6, 0]);
  });

  it('keeps keys apart, and does not grow beyond its keys', () => {
    const budget = new Budget(1, 1_000, 2);
    expect(budget.take('a', 0)).toBe(0);
    expect(budget.take('b', 0)).toBe(0);
    expect(budget.take('a', 0)).toBe(1);
    expect(budget.take('c', 0)).toBe(0); // b, unseen for the longest, is forgotten.
    expect(budget.take('a', 0)).toBe(1);
    expect(budget.take('b', 0)).toBe(0);
  });

  it('gives nothing back when the clock steps back', () => {
    const budget = new Budget(1, 1_000);
    expect(budget.take('a', 5_000)).toBe(0);
    expect(budget.take('a', 0)).toBe(1);
  });
});
