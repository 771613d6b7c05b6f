/** Requests that are alike are answered alike: what is remembered of a decision is what would be decided. */
import type { AccessRequest } from '@plimsoll/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { rows } from '../../../../test/access/matrix.js';
import { PolicySet, type PolicyTexts, type Verdict } from './cedar.js';
import { likeness, spokenOf } from './likeness.js';
import { platformPolicies } from './platform-policies.js';
import { RememberingSet } from './remembering-set.js';

const forbid = (condition: string): PolicyTexts => ({ 'own.0': `forbid (principal, action, resource) when { ${condition} };` });
const with0 = (own: PolicyTexts): PolicyTexts => ({ ...platformPolicies, ...own });
const later = ({ context, ...rest }: AccessRequest): AccessRequest => ({
  ...rest,
  context: {
    ...context,
    time: context.time + 86_400_000,
    authAgeSeconds: context.authAgeSeconds + 7_000,
    address: '203.0.113.9',
  },
});
/** Cedar names its reasons in any order. */
const plain = ({ reasons, ...rest }: Verdict) => ({ ...rest, reasons: [...reasons].sort() });
const sample = rows.filter((_, index) => index % 61 === 0).map(({ request }) => request);

describe('requests that are alike', () => {
  const sets: PolicySet[] = [];
  afterAll(() => {
    for (const set of sets) set.release();
  });
  it.each<[string, PolicyTexts, boolean]>([
    ['of nothing else', {}, true],
    ['of risk', forbid('context.risk > 20 && principal.role == "viewer"'), true],
    ['of the time', forbid('context.time < datetime("2026-09-22")'), false],
    ['of the address', forbid('context.address.isInRange(ip("203.0.113.0/24"))'), false],
    ['of the age of the sign-in', forbid('context.authAgeSeconds > 3600'), false],
    ['of the time, in other letters', forbid('context["\\u{74}ime"] < datetime("2026-09-22")'), false],
  ])('are answered alike, or told apart, by policies that speak %s', (_, own, alike) => {
    const policies = with0(own);
    const set = PolicySet.of(policies);
    sets.push(set);
    const spoken = spokenOf(policies);
    for (const request of sample) {
      const same = likeness(request, spoken) === likeness(later(request), spoken);
      expect(same).toBe(alike);
      if (same) expect(plain(set.decide(later(request)))).toEqual(plain(set.decide(request)));
    }
    expect(alike || sample.some((one) => set.decide(one).allowed !== set.decide(later(one)).allowed)).toBe(true);
  });

  it('are remembered, but for failures, and for what the engine could not read', () => {
    const set = RememberingSet.of(platformPolicies);
    const request = sample.find((one) => one.principal.role === 'owner' && set.decide(one).allowed)!;
    expect(set.decide(later(request))).toBe(set.decide(request));
    const { context } = request;
    expect(set.decide({ ...request, context: { ...context, address: 'nowhere' } })).toMatchObject({
      allowed: false,
      fault: expect.anything(),
    });
    expect(set.decide({ ...request, action: 'no.such' as never })).toMatchObject({ allowed: false, fault: expect.anything() });
    expect(set.decide(request).allowed).toBe(true);
    set.release();
  });

  it('are told apart by who, what, on what, risk, subjects and proof', () => {
    const spoken = spokenOf(platformPolicies);
    const keys = new Set(rows.map(({ request }) => likeness(request, spoken)));
    expect(keys.size).toBe(rows.length);
  });
});
