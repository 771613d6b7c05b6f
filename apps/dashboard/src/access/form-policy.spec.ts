import { describe, expect, it } from 'vitest';
import { EXAMPLE, type FormPolicy, faultOf, formOf, hasComment, textOf } from './form-policy.js';

const everything: FormPolicy = {
  effect: 'forbid',
  who: 'group',
  whoName: 'night shift',
  what: 'named',
  actions: ['decision.make', 'alert.resolve'],
  where: 'team',
  whereName: 'payments',
  risk: '60',
  subjects: '20',
  notOwners: true,
};
const attribute = (of: string, attr: string) => ({ '.': { left: { Var: of }, attr } });
const compared = (operator: string, of: string, attr: string, value: unknown) => ({
  [operator]: { left: attribute(of, attr), right: { Value: value } },
});
const when = (body: object) => ({ kind: 'when', body });
/** As Cedar 4 writes the tree of `textOf(everything)`. */
const tree = {
  effect: 'forbid',
  principal: { op: 'All' },
  action: {
    op: 'in',
    entities: [
      { type: 'Action', id: 'decision.make' },
      { type: 'Action', id: 'alert.resolve' },
    ],
  },
  resource: { op: 'All' },
  conditions: [
    when(compared('contains', 'principal', 'groups', 'night shift')),
    when(compared('==', 'resource', 'team', 'payments')),
    when(compared('>=', 'context', 'risk', 60)),
    when(compared('>', 'context', 'subjects', 20)),
    { kind: 'unless', body: compared('==', 'principal', 'role', 'owner') },
  ],
};

describe('a policy in a form', () => {
  it('is written as a text', () => {
    expect(textOf(EXAMPLE)).toBe(
      [
        'forbid (principal, action == Action::"decision.lift", resource)',
        'when { resource.environment == "production" }',
        'unless { principal.role == "owner" };',
      ].join('\n'),
    );
    expect(textOf(everything)).toContain('action in [Action::"decision.make", Action::"alert.resolve"]');
    expect(textOf({ ...EXAMPLE, what: 'dangerous' })).toContain('action in Action::"dangerous"');
    expect(textOf({ ...EXAMPLE, what: 'all', where: 'everywhere', notOwners: false })).toBe(
      'forbid (principal, action, resource);',
    );
  });
  it('cannot break out of its strings', () => {
    const hostile = textOf({ ...EXAMPLE, whereName: 'x" || true || "\\\n' });
    expect(hostile).toContain('resource.environment == "x\\" || true || \\"\\\\"');
  });
  it('is found again in the tree', () => {
    expect(formOf(tree)).toEqual(everything);
    const bare = { ...tree, action: { op: 'All' }, conditions: [] };
    expect(formOf(bare)).toMatchObject({ what: 'all', who: 'anybody', where: 'everywhere', notOwners: false });
    expect(formOf({ ...bare, action: { op: 'in', entity: { type: 'Action', id: 'operate' } } })?.what).toBe('operate');
    expect(formOf({ ...bare, conditions: [when(compared('==', 'principal', 'role', 'viewer'))] })).toMatchObject({
      who: 'role',
      whoName: 'viewer',
    });
  });
  it.each<[string, object]>([
    ['a condition with or', { conditions: [when({ '||': { left: { Value: true }, right: { Value: false } } })] }],
    ['another attribute', { conditions: [when(compared('==', 'principal', 'passkeys', 2))] }],
    [
      'the same twice',
      { conditions: [when(compared('==', 'resource', 'team', 'a')), when(compared('==', 'resource', 'team', 'b'))] },
    ],
    ['an exception for somebody else', { conditions: [{ kind: 'unless', body: compared('==', 'principal', 'role', 'viewer') }] }],
    ['one person', { principal: { op: '==', entity: { type: 'Person', id: 'per_1' } } }],
    ['an action that is none', { action: { op: '==', entity: { type: 'Action', id: 'fly' } } }],
    ['an annotation', { annotations: { id: 'x' } }],
    ['no effect', { effect: 'shrug' }],
  ])('is no form where it says %s', (_, part) => {
    expect(formOf({ ...tree, conditions: [], ...part })).toBeUndefined();
  });
  it.each([
    ['// why\npermit (principal, action, resource);', true],
    ['permit (principal, action, resource); // says "who"', true],
    ['permit (principal, action, resource)\nwhen { resource.team == "a" }; // why', true],
    ['permit (principal, action, resource)\nwhen { resource.team == "a//b" };', false],
    ['permit (principal, action, resource)\nwhen { resource.team == "a\\"//b" };', false],
    ['permit (principal, action, resource);', false],
  ])('is a text where it has a comment: %j, %s', (text, has) => expect(hasComment(text)).toBe(has));
  it('says what is missing', () => {
    expect(faultOf(EXAMPLE)).toBeUndefined();
    expect(faultOf({ ...EXAMPLE, actions: [] })).toBe('Choose at least one action.');
    expect(faultOf({ ...EXAMPLE, whereName: ' ' })).toBe('Name the environment.');
    expect(faultOf({ ...EXAMPLE, who: 'group' })).toBe('Name the group.');
    expect(faultOf({ ...EXAMPLE, risk: 'high' })).toMatch(/whole numbers/);
    expect(faultOf({ ...EXAMPLE, risk: '101' })).toBe('A risk is 100 at most.');
    expect(faultOf({ ...EXAMPLE, risk: '100', subjects: '101' })).toBeUndefined();
    expect(faultOf({ ...EXAMPLE, actions: ['audit.read'] })).toBe('Of no single service, so of no environment: audit.read.');
  });
});
