import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentRisk, RISK_FLOOR, RISK_HALF_LIFE_MS, RISK_KEPT_MS, type RiskyAlert, riskOf } from './risk.js';

const T = 1_790_000_000_000;
const alert = (change: Partial<RiskyAlert> = {}): RiskyAlert => ({
  kind: 'rate',
  severity: 'high',
  score: 0.5,
  firstAt: T - 60_000,
  lastAt: T,
  provedAt: null,
  ...change,
});
const score = (...alerts: RiskyAlert[]) => riskOf(alerts)?.score ?? 0;
const anyAlert: fc.Arbitrary<RiskyAlert> = fc.record({
  kind: fc.constantFrom('rate' as const, 'drift' as const, 'token-theft' as const),
  severity: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
  score: fc.double({ min: -1, max: 2, noNaN: true }),
  firstAt: fc.integer({ min: T - 1_000_000, max: T }),
  lastAt: fc.integer({ min: T - 1_000_000, max: T }),
  provedAt: fc.option(fc.integer({ min: T - 1_000_000, max: T })),
});

describe('risk', () => {
  it.each([
    ['low', 0.1, 0.25],
    ['medium', 0.25, 0.5],
    ['high', 0.5, 0.75],
    ['critical', 0.75, 0.95],
  ] as const)('of one %s alert lies in its band', (severity, low, high) => {
    expect([score(alert({ severity, score: 0 })), score(alert({ severity, score: 1 }))]).toEqual([
      expect.closeTo(low, 9),
      expect.closeTo(high, 9),
    ]);
  });

  it('of two medium alerts is that of a high one, and names both kinds, the heavier first', () => {
    const risk = riskOf([
      alert({ severity: 'medium' }),
      alert({ severity: 'medium', kind: 'drift', score: 0.9, firstAt: T - 90_000 }),
    ]);
    expect(risk?.score).toBeGreaterThan(0.5);
    expect(risk).toMatchObject({ signals: ['drift', 'rate'], alerts: 2, since: T - 90_000, quietSince: T, provedAt: null });
  });

  it('stays between 0 and 1, grows with each alert, and does not depend on their order', () => {
    fc.assert(
      fc.property(fc.array(anyAlert, { minLength: 1, maxLength: 12 }), anyAlert, (alerts, more) => {
        expect(score(...alerts)).toBeGreaterThan(0);
        expect(score(...alerts)).toBeLessThan(1);
        expect(score(...alerts, more)).toBeGreaterThanOrEqual(score(...alerts));
        expect(score(...alerts.toReversed())).toBeCloseTo(score(...alerts), 12);
      }),
    );
  });

  it('of an actor that proved itself counts half until it goes on', () => {
    expect(score(alert({ provedAt: T + 1 }))).toBeCloseTo(score(alert()) / 2);
    expect(score(alert({ provedAt: T - 1 }))).toBe(score(alert()));
    expect(riskOf([alert({ provedAt: 5 }), alert({ kind: 'drift' })])?.provedAt).toBe(5);
  });

  it('fades by half each half hour, to nothing before alerts are too old to be asked for', () => {
    const risk = { score: 0.8, quietSince: T };
    expect(presentRisk(risk, T - 5_000)).toBe(0.8);
    expect(presentRisk(risk, T + RISK_HALF_LIFE_MS)).toBeCloseTo(0.4);
    expect(presentRisk({ score: 0.999, quietSince: T }, T + RISK_KEPT_MS)).toBe(0);
    expect(presentRisk({ score: RISK_FLOOR, quietSince: T }, T)).toBe(RISK_FLOOR);
  });

  it('is none without alerts', () => {
    expect(riskOf([])).toBeUndefined();
  });
});
