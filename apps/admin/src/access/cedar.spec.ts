/** That whatever goes wrong in the engine is a denial that says so: Cedar itself skips what fails. */
import { type AccessRequest, accessContextSchema, accessPrincipalSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { PolicySet, type PolicyTexts } from './cedar.js';
import { INSTALLATION } from './resources.js';

const all = 'permit (principal, action, resource);';
const request: AccessRequest = {
  principal: accessPrincipalSchema.parse({ id: 'p', role: 'owner' }),
  action: 'audit.read',
  resource: INSTALLATION,
  context: accessContextSchema.parse({ time: 1_790_000_000_000 }),
};
function decide(policies: PolicyTexts, change: object = {}) {
  const set = PolicySet.of(policies);
  try {
    return set.decide({ ...request, ...change } as AccessRequest);
  } finally {
    set.release();
  }
}

describe('the engine', () => {
  it('allows what a policy permits, so that the denials below are about what they vary', () => {
    expect(decide({ all })).toEqual({ allowed: true, reasons: ['all'] });
    expect(decide({})).toEqual({ allowed: false, reasons: [] });
  });

  it.each<[string, PolicyTexts, object]>([
    ['a forbid that fails', { all, no: 'forbid (principal, action, resource) when { context.stepUpAgeSeconds > 5 };' }, {}],
    [
      'a permit that fails beside one that does not',
      { all, may: 'permit (principal, action, resource) when { resource.x };' },
      {},
    ],
    ['an action that does not exist', { all }, { action: 'audit.erase' }],
    ['an action on what it is not about', { all }, { action: 'key.create' }],
    ['a context with a member too many', { all }, { context: { ...request.context, admin: true } }],
    ['an address that is none', { all }, { context: { ...request.context, address: 'nowhere' } }],
    ['a time that is none', { all }, { context: { ...request.context, time: Number.NaN } }],
  ])('denies for %s', (_, policies, change) => {
    expect(decide(policies, change)).toEqual({ allowed: false, reasons: [], fault: expect.stringMatching(/./) });
  });
});
