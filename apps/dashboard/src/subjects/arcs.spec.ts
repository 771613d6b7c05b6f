import { describe, expect, it } from 'vitest';
import { layOut, pathOf } from './arcs.js';

const step = (from: string, to: string, times = 1) => ({ from, to, times });

describe('the sequence graph', () => {
  it('puts what is come from above what is come to', () => {
    const { nodes, arcs } = layOut([step('cart', 'pay', 4), step('list', 'cart', 8), step('pay', 'list', 1)]);
    expect(nodes).toEqual(['list', 'cart', 'pay']);
    expect(arcs.map(({ from, to, weight }) => [from, to, weight])).toEqual([
      [1, 2, 0.5],
      [0, 1, 1],
      [2, 0, 0.125],
    ]);
  });

  it('leaves out the quietest endpoints, and their steps', () => {
    const many = Array.from({ length: 20 }, (_, index) => step('hub', `page-${String(index).padStart(2, '0')}`, 20 - index));
    const { nodes, arcs } = layOut(many);
    expect(nodes).toHaveLength(14);
    expect(nodes).not.toContain('page-19');
    expect(arcs).toHaveLength(13);
  });

  it('bends forward to the right and back to the left', () => {
    expect(pathOf({ from: 0, to: 1 }, 100)).toBe('M100 15C119 15 119 45 100 45');
    expect(pathOf({ from: 1, to: 0 }, 100)).toBe('M100 45C81 45 81 15 100 15');
  });
});
