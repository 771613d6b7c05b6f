/**
 * An access policy as a form holds it, as Cedar's text, and found again in Cedar's syntax tree. The form knows a part of the language:
 * a tree that says anything else is none of its policies, and is edited as a text. Pure.
 */
import { type AccessActionName, accessActionNames, accessActionOf } from '@plimsoll/contracts';

export const groups = ['read', 'operate', 'manage', 'change', 'oversee', 'dangerous'] as const;
export type ActionGroup = (typeof groups)[number];

export interface FormPolicy {
  effect: 'permit' | 'forbid';
  who: 'anybody' | 'role' | 'group';
  /** Of the role or the group. */
  whoName: string;
  /** `all`, a group of actions, or those that are named. */
  what: 'all' | 'named' | ActionGroup;
  actions: AccessActionName[];
  where: 'everywhere' | 'service' | 'environment' | 'team';
  whereName: string;
  /** Only of somebody with this risk or more, 0 to 100; empty: of anybody. */
  risk: string;
  /** Only of what hits more subjects than this, with those of the last ten minutes; empty: of anything. */
  subjects: string;
  /** Owners are left out. */
  notOwners: boolean;
}

export const EXAMPLE: FormPolicy = {
  effect: 'forbid',
  who: 'anybody',
  whoName: '',
  what: 'named',
  actions: ['decision.lift'],
  where: 'environment',
  whereName: 'production',
  risk: '',
  subjects: '',
  notOwners: true,
};

/** What keeps the form from being a policy; undefined where nothing does. */
export function faultOf({ who, whoName, what, actions, where, whereName, risk, subjects }: FormPolicy): string | undefined {
  if (who !== 'anybody' && whoName.trim() === '') return who === 'role' ? 'Choose a role.' : 'Name the group.';
  if (what === 'named' && actions.length === 0) return 'Choose at least one action.';
  if (where !== 'everywhere' && whereName.trim() === '') return `Name the ${where}.`;
  const homeless = actions.filter((name) => accessActionOf(name).on === 'Installation');
  if (where !== 'everywhere' && what === 'named' && homeless.length > 0)
    return `Of no single service, so of no ${where}: ${homeless.join(', ')}.`;
  const wrong = [risk, subjects].some((text) => text !== '' && !/^\d{1,6}$/.test(text));
  if (wrong) return 'The risk, and how many are hit, are whole numbers.';
  return Number(risk) > 100 ? 'A risk is 100 at most.' : undefined;
}

/** Cedar's text of a string. Control characters have no place in a name. */
const quoted = (text: string) =>
  `"${text
    .trim()
    .replace(/[\u0000-\u001f\u007f]/g, '')
    .replace(/[\\"]/g, '\\$&')}"`;
const actionText = (name: string) => `Action::${quoted(name)}`;

function scopeOf({ what, actions }: FormPolicy): string {
  if (what === 'all') return 'action';
  if (what !== 'named') return `action in ${actionText(what)}`;
  const [only] = actions;
  return only !== undefined && actions.length === 1
    ? `action == ${actionText(only)}`
    : `action in [${actions.map(actionText).join(', ')}]`;
}

/** The policy in Cedar, one condition a line. */
export function textOf(policy: FormPolicy): string {
  const { effect, who, whoName, where, whereName, risk, subjects, notOwners } = policy;
  const lines = [
    `${effect} (principal, ${scopeOf(policy)}, resource)`,
    who === 'role' && `when { principal.role == ${quoted(whoName)} }`,
    who === 'group' && `when { principal.groups.contains(${quoted(whoName)}) }`,
    where !== 'everywhere' && `when { resource.${where} == ${quoted(whereName)} }`,
    risk !== '' && `when { context.risk >= ${Number(risk)} }`,
    subjects !== '' && `when { context.subjects > ${Number(subjects)} }`,
    notOwners && 'unless { principal.role == "owner" }',
  ];
  return `${lines.filter(Boolean).join('\n')};`;
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const only = (tree: unknown, ...names: string[]): tree is Tree =>
  isTree(tree) && Object.keys(tree).length === names.length && names.every((name) => name in tree);

/** A comparison of one attribute with one value: `principal.role`, its operator, the value. */
function comparison(body: unknown): { attribute: string; operator: string; value: unknown } | undefined {
  const [operator = ''] = isTree(body) ? Object.keys(body) : [];
  const sides = only(body, operator) ? body[operator] : undefined;
  if (!only(sides, 'left', 'right')) return undefined;
  const { left, right } = sides;
  const access = only(left, '.') ? left['.'] : undefined;
  if (!only(access, 'left', 'attr') || !only(access['left'], 'Var') || !only(right, 'Value')) return undefined;
  return { attribute: `${access['left']['Var']}.${access['attr']}`, operator, value: right['Value'] };
}

/** What a condition puts into the form; undefined where the form has no place for it, or has it already. */
function withCondition(policy: FormPolicy, condition: unknown): FormPolicy | undefined {
  if (!only(condition, 'kind', 'body')) return undefined;
  const { attribute, operator, value } = comparison(condition['body']) ?? {};
  const text = typeof value === 'string' ? value : undefined;
  const number = typeof value === 'number' ? String(value) : undefined;
  const said = `${condition['kind']} ${attribute} ${operator}`;
  if (said === 'unless principal.role ==' && text === 'owner' && !policy.notOwners) return { ...policy, notOwners: true };
  if (said === 'when principal.role ==' && text && policy.who === 'anybody') return { ...policy, who: 'role', whoName: text };
  if (said === 'when principal.groups contains' && text && policy.who === 'anybody')
    return { ...policy, who: 'group', whoName: text };
  if (said === 'when context.risk >=' && number && policy.risk === '') return { ...policy, risk: number };
  if (said === 'when context.subjects >' && number && policy.subjects === '') return { ...policy, subjects: number };
  const where = (['service', 'environment', 'team'] as const).find((each) => said === `when resource.${each} ==`);
  return where && text && policy.where === 'everywhere' ? { ...policy, where, whereName: text } : undefined;
}

const isAction = (name: unknown): name is AccessActionName => accessActionNames.some((known) => known === name);
const actionId = (entity: unknown): unknown =>
  only(entity, 'type', 'id') && entity['type'] === 'Action' ? entity['id'] : undefined;

function scopeIn(action: unknown): Pick<FormPolicy, 'what' | 'actions'> | undefined {
  if (!isTree(action)) return undefined;
  const { op, entity, entities } = action;
  if (op === 'All') return { what: 'all', actions: [] };
  const names = (Array.isArray(entities) ? entities : [entity]).map(actionId);
  const group = op === 'in' && names.length === 1 ? groups.find((each) => each === names[0]) : undefined;
  if (group) return { what: group, actions: [] };
  const named = names.filter(isAction);
  return (op === '==' || op === 'in') && named.length > 0 && named.length === names.length
    ? { what: 'named', actions: named }
    : undefined;
}

/** Whether Cedar's text has a comment, which its tree does not hold: what a form writes would be without it. `//` in a string is none. */
export const hasComment = (text: string): boolean =>
  [...text.matchAll(/"(?:[^"\\]|\\.)*"|\/\//g)].some(([found]) => found === '//');

const isAnybody = (scope: unknown) => only(scope, 'op') && scope['op'] === 'All';

/** @param tree Cedar's JSON form of one policy. @returns undefined where it says what the form cannot. */
export function formOf(tree: unknown): FormPolicy | undefined {
  if (!isTree(tree)) return undefined;
  const { effect, principal, action, resource, conditions, annotations } = tree;
  const scope = scopeIn(action);
  const noted = isTree(annotations) && Object.keys(annotations).length > 0;
  if ((effect !== 'permit' && effect !== 'forbid') || !scope || noted || !isAnybody(principal) || !isAnybody(resource))
    return undefined;
  const bare = {
    who: 'anybody',
    whoName: '',
    where: 'everywhere',
    whereName: '',
    risk: '',
    subjects: '',
    notOwners: false,
  } as const;
  let policy: FormPolicy | undefined = { effect, ...bare, ...scope };
  for (const condition of Array.isArray(conditions) ? conditions : []) policy = policy && withCondition(policy, condition);
  return policy;
}
