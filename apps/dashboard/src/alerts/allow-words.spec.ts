import { describe, expect, it } from 'vitest';
import { alertOf, decisionOf } from '../samples.fixture.js';
import { allowed, askedText, consequences } from './allow-words.js';

const ada = { type: 'actor', id: 'ada' } as const;
const nobody = { actors: ['bert'], addresses: [], credentials: [] };

describe('the allow-list', () => {
  it('gets the subject into the list of its sort, once', () => {
    const once = allowed(nobody, ada);
    expect(once).toEqual({ actors: ['bert', 'ada'], addresses: [], credentials: [] });
    expect(allowed(once, ada)).toBe(once);
    expect(allowed(nobody, { type: 'address', id: '192.0.2.1' }).addresses).toEqual(['192.0.2.1']);
  });
  it('says what was known of the subject itself, and what ends', () => {
    const own = { subject: ada };
    const alerts = [alertOf(own), alertOf({ ...own, severity: 'low', verdict: 'true-positive' }), alertOf()];
    expect(consequences(alerts, ada, [decisionOf({ action: 'block' })])).toEqual([
      '2 alerts are known about it, 1 of them high or critical. Such as these will be raised no more.',
      '1 of them was confirmed as an attack.',
      'What holds it back now (block) ends.',
    ]);
    expect(consequences([alertOf(own)], ada, [])).toHaveLength(1);
    expect(consequences(Array(51).fill(alertOf(own)), ada, [])[0]).toMatch(/^At least 51 alerts/);
  });
  it('says what it asked for lately', () => {
    const hit = { subject: ada, refused: 5, requests: 1_234, firstAt: 1, lastAt: 2, verdict: 'none', kinds: [] } as const;
    expect(askedText({ subjects: [] })).toBe('In the last 14 days it made no requests.');
    expect(askedText({ subjects: [{ ...hit, kinds: [] }] })).toMatch(/it made 1,234 requests: such as these/);
  });
});
