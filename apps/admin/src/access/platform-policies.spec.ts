/** The platform policies against their golden matrix, an evaluator of their own, properties, and faults put into them. */
import { type PolicyJson, policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { type AccessRequest, accessActionNames, accessActionOf, isChange } from '@plimsoll/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contexts, draw, personas, resourcesOf, rows } from '../../../../test/access/matrix.js';
import { mutantsOf } from '../../../../test/access/mutants.js';
import { allows } from '../../../../test/access/oracle.js';
import { PolicySet, type Verdict } from './cedar.js';
import { accessSchema } from './cedar-schema.js';
import { platformPolicies } from './platform-policies.js';

const set = PolicySet.of(platformPolicies);
afterAll(() => set.release());
const allowed = (request: AccessRequest): boolean => set.decide(request).allowed;

describe('the golden matrix', () => {
  const verdicts = new Map<AccessRequest, Verdict>();
  beforeAll(() => {
    for (const { request } of rows) verdicts.set(request, set.decide(request));
  });

  it('has more than 2,000 rows, each decided without a fault and as the evaluator says', () => {
    expect(rows.length).toBeGreaterThan(2_000);
    const wrong = rows.filter(({ request }) => {
      const verdict = verdicts.get(request);
      return verdict?.fault !== undefined || verdict?.allowed !== allows(request);
    });
    expect(wrong.map(({ line, context }) => `${line} · ${context}`)).toEqual([]);
  });

  it('is as it was reviewed', async () => {
    await expect(draw((request) => verdicts.get(request)?.allowed === true)).toMatchFileSnapshot(
      '../../../../test/access/matrix.golden.txt',
    );
  });
});

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
const principal = fc.record({
  id: fc.constant('p'),
  role: pick(['owner', 'analyst', 'viewer', 'guest']),
  groups: fc.subarray(['night', 'audit']),
  everyTeam: fc.boolean(),
  teams: fc.subarray(['sales', 'bank']),
  services: fc.subarray(['shop', 'ledger']),
  passkeys: fc.nat(3),
  deviceBound: fc.boolean(),
});
const context = fc.record(
  {
    risk: fc.nat(100),
    authAgeSeconds: fc.nat(50_000),
    stepUpAgeSeconds: fc.nat(600),
    userVerified: fc.boolean(),
    amr: fc.subarray(['link', 'passkey', 'recovery']),
    address: pick(['192.0.2.1', '2001:db8::1']),
    time: fc.nat(2_000_000_000_000),
    subjects: fc.nat(40),
  },
  { requiredKeys: ['risk', 'authAgeSeconds', 'userVerified', 'amr', 'address', 'time', 'subjects'] },
);
const request: fc.Arbitrary<AccessRequest> = pick(accessActionNames).chain((action) =>
  fc.record({
    principal,
    action: fc.constant(action),
    resource: pick(Object.values(resourcesOf(accessActionOf(action).on))),
    context,
  }),
) as fc.Arbitrary<AccessRequest>;
const RUNS = { numRuns: 400 };

describe('whatever the request', () => {
  it('the engine and the evaluator agree', () => {
    fc.assert(
      fc.property(request, (asked) => allowed(asked) === allows(asked)),
      RUNS,
    );
  });

  it('nothing of another team is allowed, to whatever role, and whatever own policies permit', () => {
    const open = PolicySet.of({ ...platformPolicies, 'own.all': 'permit (principal, action, resource);' });
    fc.assert(
      fc.property(request, (asked) => {
        const { principal: who, resource } = asked;
        fc.pre('service' in resource);
        const { team, service } = resource as { team: string; service: string };
        fc.pre(!who.everyTeam && !who.teams.includes(team) && !who.services.includes(service));
        return !open.decide(asked).allowed;
      }),
      RUNS,
    );
    open.release();
  });

  it('a risk above 80 allows no change, whatever own policies permit', () => {
    const open = PolicySet.of({ ...platformPolicies, 'own.all': 'permit (principal, action, resource);' });
    fc.assert(
      fc.property(request, fc.integer({ min: 81, max: 100 }), (asked, risk) => {
        fc.pre(isChange(asked.action));
        return !open.decide({ ...asked, context: { ...asked.context, risk } }).allowed;
      }),
      RUNS,
    );
    open.release();
  });

  it('a dangerous deed of who has passkeys needs a verified proof of less than 300 s', () => {
    const open = PolicySet.of({ ...platformPolicies, 'own.all': 'permit (principal, action, resource);' });
    fc.assert(
      fc.property(request, (asked) => {
        const dangerous = accessActionNames.filter((name) => accessActionOf(name).dangerous);
        const action = dangerous[asked.context.time % dangerous.length]!;
        const resource = Object.values(resourcesOf(accessActionOf(action).on))[0]!;
        const one = { ...asked, action, resource, principal: { ...asked.principal, passkeys: 1 } };
        return !open.decide(one).allowed || (asked.context.userVerified && (asked.context.stepUpAgeSeconds ?? 300) < 300);
      }),
      RUNS,
    );
    open.release();
  });

  it('adding a forbid never adds an allow', () => {
    const scopes = ['action', 'action in Action::"change"', 'action in Action::"read"', 'action == Action::"key.create"'];
    const conditions = [
      'context.risk > 10',
      'principal.role == "owner"',
      'principal.groups.contains("night")',
      'context.subjects > 5',
    ];
    for (const [scope, condition] of scopes.flatMap((one) => conditions.map((other) => [one, other] as const))) {
      const more = PolicySet.of({
        ...platformPolicies,
        'own.a': `forbid (principal, ${scope}, resource) when { ${condition} };`,
      });
      fc.assert(
        fc.property(request, (asked) => allowed(asked) || !more.decide(asked).allowed),
        { numRuns: 40 },
      );
      more.release();
    }
  });

  it('removing an attribute never adds an allow: Cedar alone would skip the forbid that asks for it', () => {
    fc.assert(
      fc.property(request, pick(['principal', 'resource', 'context'] as const), fc.nat(20), (asked, part, index) => {
        const keys = Object.keys(asked[part]).filter((key) => key !== 'id' && key !== 'type');
        fc.pre(keys.length > 0);
        const { [keys[index % keys.length] ?? '']: _, ...rest } = asked[part] as Record<string, unknown>;
        return allowed(asked) || !allowed({ ...asked, [part]: rest } as AccessRequest);
      }),
      RUNS,
    );
  });
});

const jsonOf = (text: string): PolicyJson => {
  const answer = policyToJson(text);
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  return answer.json;
};
const mutants = Object.entries(platformPolicies).flatMap(([id, text]) =>
  mutantsOf(id, jsonOf(text)).map(({ name, policy }) => {
    const { [id]: _, ...others } = platformPolicies;
    return { name, policies: policy === undefined ? others : { ...others, [id]: policy } };
  }),
);
/** In an order in which neighbours differ much: what a fault changes is met soon. */
const STRIDE = 7_919;
const golden = rows
  .map((_, index) => rows[(index * STRIDE) % rows.length]!)
  .map(({ request: asked, ...row }) => ({ ...row, asked, allowed: allows(asked) }));

/** The strict validation of the schema, or a row of the matrix that comes out otherwise. */
function killer(policies: (typeof mutants)[number]['policies']): string | undefined {
  const checked = validate({ schema: accessSchema, policies: { staticPolicies: policies } });
  if (checked.type === 'failure') return 'is no policy';
  if (checked.validationErrors.length > 0) return 'does not fit the schema';
  const mutant = PolicySet.of(policies);
  const row = golden.find(({ asked, allowed: should }) => mutant.decide(asked).allowed !== should);
  mutant.release();
  return row && `${row.line} · ${row.context}`;
}

describe('a fault in a platform policy is noticed', () => {
  it('of each policy there are several', () => {
    expect(mutants.length).toBeGreaterThan(80);
  });

  it.each(mutants)('$name', ({ policies }) => {
    expect(killer(policies)).toBeDefined();
  });
});

it('the schema takes every policy as it is, without a warning', () => {
  const checked = validate({ schema: accessSchema, policies: { staticPolicies: { ...platformPolicies } } });
  expect(checked).toMatchObject({ type: 'success', validationErrors: [], validationWarnings: [], otherWarnings: [] });
});

it('personas and circumstances name each other apart', () => {
  expect(new Set(Object.values(personas).map((each) => JSON.stringify(each))).size).toBe(Object.keys(personas).length);
  expect(new Set(Object.values(contexts).map((each) => JSON.stringify(each))).size).toBe(Object.keys(contexts).length);
});
