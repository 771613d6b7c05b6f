/** What somebody of whom nothing is known may do: the first burst of a client is no attack where nobody knows its like yet. */
import { describe, expect, it } from 'vitest';
import { WINDOWS } from '../constants.js';
import { Model } from '../index.js';
import { placeOf, request, step } from '../model.fixture.js';

const NOON = Date.UTC(2026, 0, 5, 12);
const THING = 'GET /orders/:id';

/** Whether a burst of `count` requests, `gap` ms apart, is accused of its pace. */
function isAccused(endpoint: string, count: number, gap: number, actor: string | undefined, blocks = 0): boolean {
  const model = new Model();
  const statistics = WINDOWS.map(({ seconds }) => ({ windowSeconds: seconds, blocks, mean: 2, variance: 4 }));
  model.setPopulation({ service: 'shop', endpoint, statistics });
  const findings = Array.from({ length: count }, (_, index) =>
    step(model, request(NOON + index * gap, { ...placeOf(endpoint), ...(actor === undefined ? {} : { actor }) }), endpoint),
  );
  return findings.flat().some(({ kind }) => kind === 'rate');
}

describe('a client that is seen for the first time', () => {
  it('may fetch a page of a hundred things where few others were seen', () => {
    expect(isAccused(THING, 100, 80, 'phone')).toBe(false);
    expect(isAccused('POST /orders', 100, 80, 'importer')).toBe(false);
    expect(isAccused(THING, 100, 80, 'phone', 20)).toBe(false);
  });

  it('is held to less, the more others were seen who do not', () => {
    expect(isAccused(THING, 60, 80, 'phone', 300)).toBe(false);
    expect(isAccused(THING, 100, 80, 'phone', 300)).toBe(true);
    expect(isAccused(THING, 60, 80, 'phone', 5_000)).toBe(true);
  });

  it('is accused of what is no page and no job, whoever was seen', () => {
    expect(isAccused(THING, 200, 50, 'phone')).toBe(true);
    expect(isAccused(THING, 420, 140, 'phone')).toBe(true);
  });

  it('has no reason to ask a list or a search a hundred times', () => {
    expect(isAccused('GET /search', 60, 80, 'phone')).toBe(true);
  });

  it('is nobody whom the host knows where it is an address alone', () => {
    expect(isAccused(THING, 60, 80, undefined)).toBe(true);
  });
});
