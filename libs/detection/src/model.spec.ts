/** What must hold whatever the logs are: bounds, order, restarts, clocks, rooms that are full. */
import { DEFAULT_SETTINGS, type RequestLog, type Settings } from '@plimsoll/contracts';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Finding, Model, type Population } from './index.js';
import { request, step } from './model.fixture.js';

// Hundreds of thousands of logs in some tests: seconds beside other work.
vi.setConfig({ testTimeout: 60_000 });

const settings: Settings = DEFAULT_SETTINGS;
const NOON = Date.UTC(2026, 0, 5, 12);
/** Stage two within the same model. As in the worker, what settling leaves is taken at once: nothing is under way at a restart. */
function exchange(model: Model, now: number, told: Population[] = []): Finding[] {
  const findings = model.settle(now);
  for (const contribution of model.takeContributions()) findings.push(...model.absorb(contribution, settings));
  told.push(...model.takePopulations());
  for (const population of told) model.setPopulation(population);
  return findings;
}

const anyLog = fc.record({
  wait: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 3_000 }) }, fc.integer({ min: -7_200_000, max: 90_000_000 })),
  burst: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 90 })),
  actor: fc.constantFrom(undefined, 'ann', 'bob', '__proto__', 'constructor', '\u0000\r\n', '🦀'),
  ip: fc.constantFrom('192.0.2.1', '2001:db8::1'),
  endpoint: fc.constantFrom('GET /a', 'POST /login', 'GET /*', 'GET /logo.png'),
  status: fc.constantFrom(200, 200, 200, 401, 403, 404, 422, 429, 500),
  auth: fc.constantFrom(undefined, undefined, 'success' as const, 'failure' as const),
  credential: fc.constantFrom(undefined, undefined, 'c1', 'c2'),
  verdict: fc.constantFrom('allow' as const, 'allow' as const, 'throttle' as const),
  timing: fc.constantFrom('live' as const, 'live' as const, 'late' as const, 'historical' as const),
  path: fc.constantFrom('/a', '/b/1', '/%zz', '//x', '/wp-login.php'),
});

interface Step {
  log: RequestLog;
  endpoint: string;
}

const history = fc.array(anyLog, { minLength: 1, maxLength: 60 }).map((entries) => {
  let ts = NOON;
  return entries.flatMap(({ wait, burst, actor, auth, credential, endpoint, ...rest }): Step[] => {
    ts = Math.max(0, ts + wait);
    const known = { ...(actor === undefined ? {} : { actor }), ...(auth ? { auth } : {}), ...(credential ? { credential } : {}) };
    const authenticated = actor !== undefined && rest.status !== 401;
    return Array.from({ length: burst }, () => ({ log: request(ts, { ...rest, ...known, authenticated }), endpoint }));
  });
});

function run(steps: Step[], restartAt?: number): Finding[] {
  let model = new Model({ maxEntities: 500 });
  const stored = new Map<string, Uint8Array>();
  const findings: Finding[] = [];
  const told: Population[] = [];
  steps.forEach(({ log, endpoint }, index) => {
    findings.push(...step(model, log, endpoint), ...exchange(model, log.ts, told));
    if (index % 7 !== 0 && index !== restartAt) return;
    const { puts, deletes } = model.takeChanges();
    for (const [key, state] of puts) stored.set(key, state);
    for (const key of deletes) stored.delete(key);
    if (index !== restartAt) return;
    model = new Model({ maxEntities: 500 });
    model.restore(stored);
    for (const population of told) model.setPopulation(population);
  });
  return findings;
}

describe('whatever comes', () => {
  it('scores are finite and in 0..1, numbers are finite, sentences are sentences', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const finding of run(steps)) {
          expect(finding.score).toBeGreaterThanOrEqual(0);
          expect(finding.score).toBeLessThanOrEqual(1);
          expect([finding.observed, finding.expected, finding.limit, finding.count].every(Number.isFinite)).toBe(true);
          expect(finding.points.length).toBeLessThanOrEqual(60);
          expect(finding.explanation).toMatch(/there would be no alert\.$/);
          expect(finding.explanation).not.toMatch(/NaN|undefined|Infinity/);
          if (finding.phase === 'opened') expect(finding.observed).toBeGreaterThan(finding.limit);
        }
      }),
      { numRuns: 150 },
    );
  });

  /** Evidence of a population may differ in the sixth digit: it came through JSON. */
  const gist = ({ phase, ts, kind, severity, subject, endpoint, observed, limit }: Finding) => ({
    phase,
    ts,
    kind,
    severity,
    subject,
    endpoint,
    observed,
    limit,
  });
  it('a restart at any point changes nothing that is found', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, at) => {
        expect(run(steps, at % steps.length).map(gist)).toEqual(run(steps).map(gist));
      }),
      { numRuns: 150 },
    );
  });

  it('assess changes nothing', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const model = new Model();
        for (const { log, endpoint } of steps) {
          const once = model.assess('shop', log, endpoint, settings);
          expect(model.assess('shop', log, endpoint, settings)).toEqual(once);
          model.learn(once);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('one more request never lowers the score', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 400 }), fc.integer({ min: 0, max: 30 }), (burst, habit) => {
        const model = new Model();
        for (let minute = 0; minute < 20; minute += 1) {
          for (let call = 0; call < habit; call += 1) step(model, request(NOON + minute * 60_000 + call, { actor: 'ann' }));
        }
        let previous = 0;
        for (let call = 0; call < burst; call += 1) {
          const log = request(NOON + 3_600_000, { actor: 'ann' });
          const score = model.assess('shop', log, 'GET /a', settings).findings[0]?.score ?? previous;
          expect(score).toBeGreaterThanOrEqual(previous);
          previous = score;
          step(model, log);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('learning', () => {
  const habit = (model: Model, perMinute: number, fields: Partial<RequestLog> = {}) => {
    for (let minute = 0; minute < 60; minute += 1) {
      for (let call = 0; call < perMinute; call += 1)
        step(model, request(NOON + minute * 60_000 + call * 500, { actor: 'ann', ...fields }));
      exchange(model, NOON + minute * 60_000 + 59_000);
    }
  };
  const burst = (model: Model, ts: number, calls: number) =>
    Array.from({ length: calls }, () => step(model, request(ts, { actor: 'ann' }))).flat();

  it('a limit follows the habit', () => {
    const [quiet, busy] = [2, 60].map((perMinute) => {
      const model = new Model();
      habit(model, perMinute);
      return burst(model, NOON + 7_200_000, 400)[0]?.limit ?? 0;
    });
    expect(quiet).toBeLessThan(38);
    expect(busy).toBeGreaterThan(60);
  });

  it('what was flagged is learnt at a part: the same flood is found on its tenth day', () => {
    const model = new Model();
    habit(model, 4);
    const limits = Array.from({ length: 10 }, (_, day) => {
      const ts = NOON + (day + 1) * 86_400_000;
      const found = burst(model, ts, 500)[0];
      exchange(model, ts + 3_600_000);
      return found?.limit ?? Number.POSITIVE_INFINITY;
    });
    expect(Math.max(...limits)).toBeLessThan(500);
    expect(limits[1]).toBeLessThan((limits[0] ?? 0) * 4);
  });

  it('what was refused is counted and not learnt', () => {
    const model = new Model();
    habit(model, 15, { verdict: 'throttle' });
    expect(burst(model, NOON + 7_200_000, 100)[0]).toMatchObject({ limit: 38, evidence: { own: 0, population: 0, weight: 0 } });
  });

  it('sensitivity widens the limit', () => {
    const limitAt = (sensitivity: number) => {
      const model = new Model();
      for (;;) {
        const assessment = model.assess('shop', request(NOON, { actor: 'ann' }), 'GET /a', {
          ...settings,
          baseLimit: 0,
          sensitivity,
        });
        if (assessment.findings[0]) return assessment.findings[0].limit;
        model.learn(assessment);
      }
    };
    const limits = [0.1, 0.75, 1.5, 3, 10].map(limitAt);
    expect(limits).toEqual([...limits].sort((a, b) => a - b));
    expect(new Set(limits).size).toBe(5);
  });

  it('the past teaches the newcomer in the present', () => {
    const model = new Model();
    habit(model, 60, { timing: 'historical' });
    exchange(model, NOON + 3_700_000);
    const found = burst(model, NOON + 7_200_000, 400)[0];
    expect(found?.evidence.own).toBeGreaterThan(10);
    expect(found?.historical).toBe(false);
  });

  it('a backlog does not end what goes on', () => {
    const model = new Model();
    const phases: string[] = [];
    for (let second = 0; second < 120; second += 1) {
      model.settle(NOON + 600_000 + second * 1000);
      for (const { phase } of burst(model, NOON + second * 1000, 60)) phases.push(phase);
    }
    expect(phases.filter((phase) => phase === 'opened')).toHaveLength(1);
    expect(model.settle(NOON + 600_000 + 119_000 + 601_000).map(({ phase }) => phase)).toEqual(['ended']);
  });

  it('a clock that jumps back keeps what was learnt', () => {
    const model = new Model();
    habit(model, 4);
    const found = burst(model, NOON - 20 * 86_400_000, 200)[0];
    expect(found?.evidence.own).toBeGreaterThan(10);
    expect(found?.observed).toBe((found?.limit ?? 0) + 1);
  });
});
