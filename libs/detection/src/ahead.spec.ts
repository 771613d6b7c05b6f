/** Looking a batch up ahead is quicker and nothing else: the same findings and the same state, whatever the batch holds. */
import { DEFAULT_SETTINGS, type RequestLog } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Finding, Model } from './index.js';

// Thousands of logs, each played twice: seconds beside other work.
vi.setConfig({ testTimeout: 60_000 });

const NOON = Date.UTC(2026, 0, 5, 12);

/** Few actors, so that most come again; one in four was never seen; room for few, so that many are evicted meanwhile. */
const log = fc.record({
  who: fc.oneof(
    fc.constantFrom('ann', 'bob', 'busy'),
    fc.nat(400).map((number) => `guest-${number}`),
  ),
  known: fc.boolean(),
  gap: fc.nat(3000),
  times: fc.constantFrom(1, 1, 1, 60),
  endpoint: fc.constantFrom('GET /a', 'GET /a/:id', 'POST /login'),
  timing: fc.constantFrom('live' as const, 'live' as const, 'late' as const),
  status: fc.constantFrom(200, 200, 404, 401, 500),
});
type Step = typeof log extends fc.Arbitrary<infer T> ? T : never;

function run(steps: readonly Step[], expected: boolean) {
  const model = new Model({ maxEntities: 20 });
  const findings: Finding[] = [];
  let ts = NOON;
  const logs = steps.flatMap(({ who, known, gap, times, endpoint, timing, status }, step) =>
    Array.from({ length: times }, (_, again) => {
      ts += again === 0 ? gap : 20;
      const common = { method: 'GET', path: `/a/${step}`, durationMs: 3, bytesIn: 0, bytesOut: 900, userAgent: 'cli' } as const;
      const person = known ? { actor: who, ip: '192.0.2.7' } : { ip: who };
      const made: RequestLog = {
        id: `${step}-${again}`,
        ts,
        status,
        authenticated: known,
        verdict: 'allow',
        timing,
        ...common,
        ...person,
      };
      return { log: made, endpoint };
    }),
  );
  for (let from = 0; from < logs.length; from += 150) {
    const batch = logs.slice(from, from + 150);
    if (expected)
      model.expect(
        'shop',
        batch.map((one) => one.log),
        batch.map((one) => one.endpoint),
      );
    for (const { log: one, endpoint } of batch) {
      const assessment = model.assess('shop', one, endpoint, DEFAULT_SETTINGS);
      findings.push(...assessment.findings);
      model.learn(assessment);
    }
    for (const contribution of model.takeContributions()) findings.push(...model.absorb(contribution, DEFAULT_SETTINGS));
    for (const population of model.takePopulations()) model.setPopulation(population);
    findings.push(...model.settle(ts));
  }
  return { findings: JSON.parse(JSON.stringify(findings)), changes: model.takeChanges(), evicted: model.evicted };
}

describe('a batch that is expected', () => {
  it('leads to the same as logs that come by surprise', () => {
    let evicted = 0;
    fc.assert(
      fc.property(fc.array(log, { minLength: 60, maxLength: 120 }), (steps) => {
        const surprised = run(steps, false);
        evicted += surprised.evicted;
        expect(run(steps, true)).toEqual(surprised);
      }),
      { numRuns: 12 },
    );
    expect(evicted).toBeGreaterThan(0);
  });

  it('may turn out otherwise: other logs, left out ones, the same one judged twice', () => {
    const steps = Array.from({ length: 200 }, (_, index): RequestLog => {
      const common = { method: 'GET', path: '/a', durationMs: 3, bytesIn: 0, bytesOut: 9, userAgent: '' } as const;
      const vouched = { ip: '192.0.2.7', actor: `user-${index % 7}`, authenticated: true } as const;
      return { id: `l${index}`, ts: NOON + index * 10, status: 200, verdict: 'allow', timing: 'live', ...common, ...vouched };
    });
    const [one, other] = [new Model(), new Model()];
    one.expect(
      'shop',
      steps,
      steps.map(() => 'GET /a'),
    );
    for (const [index, step] of steps.entries()) {
      if (index % 50 === 7) continue;
      if (index % 9 === 0) one.assess('shop', step, 'GET /a', DEFAULT_SETTINGS);
      for (const model of [one, other]) model.learn(model.assess('shop', step, 'GET /a', DEFAULT_SETTINGS));
    }
    expect(one.takeChanges()).toEqual(other.takeChanges());
  });
});
