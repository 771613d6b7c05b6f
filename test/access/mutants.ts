/**
 * Small faults in a policy, each made once: a policy that is gone or turned round, a clause dropped, a scope widened, an
 * operator flipped, a number moved by one, a word changed. A fault that nobody notices is a hole in the tests.
 */
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

export interface Mutant {
  name: string;
  /** Undefined: the policy is left out. */
  policy: PolicyJson | undefined;
}
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Node = { [key: string]: Json };
type Change = { what: string; to: Json };

const FLIPS: Record<string, readonly string[]> = {
  '&&': ['||'],
  '||': ['&&'],
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<', '<='],
  '>=': ['>', '<'],
};

/** Every fault of one policy. */
export function mutantsOf(id: string, policy: PolicyJson): Mutant[] {
  const copy = (change: Partial<PolicyJson>): PolicyJson => ({ ...structuredClone(policy), ...change });
  const found: Mutant[] = [
    { name: `${id}: left out`, policy: undefined },
    { name: `${id}: ${policy.effect} turned round`, policy: copy({ effect: policy.effect === 'permit' ? 'forbid' : 'permit' }) },
  ];
  for (const part of ['principal', 'action', 'resource'] as const) {
    if (policy[part].op !== 'All') found.push({ name: `${id}: any ${part}`, policy: copy({ [part]: { op: 'All' } }) });
  }
  const { action } = policy;
  if ('entities' in action) {
    for (const [index] of action.entities.entries()) {
      const entities = action.entities.filter((_, other) => other !== index);
      found.push({ name: `${id}: action ${index + 1} dropped`, policy: copy({ action: { op: 'in', entities } as never }) });
    }
  }
  for (const [index, clause] of policy.conditions.entries()) {
    const others = policy.conditions.filter((_, other) => other !== index);
    const at = (change: Partial<typeof clause>) =>
      copy({ conditions: policy.conditions.map((each, other) => (other === index ? { ...each, ...change } : each)) as never });
    found.push({ name: `${id}: clause ${index + 1} dropped`, policy: copy({ conditions: others }) });
    found.push({
      name: `${id}: clause ${index + 1} turned round`,
      policy: at({ kind: clause.kind === 'when' ? 'unless' : 'when' }),
    });
    for (const { what, to } of changesOf(clause.body as unknown as Json)) {
      found.push({ name: `${id}: clause ${index + 1}: ${what}`, policy: at({ body: to as never }) });
    }
  }
  return found;
}

/** Every change of one place in an expression. */
function changesOf(expression: Json): Change[] {
  if (typeof expression !== 'object' || expression === null || Array.isArray(expression)) return [];
  return [...here(expression), ...below(expression)];
}

function here(node: Node): Change[] {
  return Object.entries(node).flatMap(([operator, operands]): Change[] => {
    const sides = (operands ?? {}) as { left?: Json; right?: Json; arg?: Json };
    if (operator === 'Value') return valueChanges(operands ?? null);
    if (operator === '!') return [{ what: '! dropped', to: sides.arg ?? null }];
    const flips = (FLIPS[operator] ?? []).map((other) => ({
      what: `${operator} made ${other}`,
      to: { [other]: operands ?? null },
    }));
    if (operator === '&&' || operator === '||') {
      flips.push(
        { what: `right of ${operator} dropped`, to: sides.left as never },
        { what: `left of ${operator} dropped`, to: sides.right as never },
      );
    }
    const tests = ['contains', 'has', 'in', 'is'].includes(operator);
    return tests ? [{ what: `${operator} negated`, to: { '!': { arg: node } } }] : flips;
  });
}

function valueChanges(value: Json): Change[] {
  const put = (to: Json): Change => ({ what: `${JSON.stringify(value)} made ${JSON.stringify(to)}`, to: { Value: to } });
  if (typeof value === 'number') return [put(value + 1), put(value - 1)];
  if (typeof value === 'string') return [put(`${value}x`)];
  return typeof value === 'boolean' ? [put(!value)] : [];
}

/** Changes inside the operands, with the rest as it was; a set also loses each of its members. */
function below(node: Node): Change[] {
  return Object.entries(node).flatMap(([operator, operands]): Change[] => {
    if (Array.isArray(operands)) {
      return operands.flatMap((_, index) => [
        { what: `member ${index + 1} dropped`, to: { [operator]: operands.filter((_other, at) => at !== index) } },
        ...changesOf(operands[index] ?? null).map(({ what, to }) => ({ what, to: { [operator]: operands.with(index, to) } })),
      ]);
    }
    if (typeof operands !== 'object' || operands === null || operator === 'Value') return [];
    return Object.entries(operands).flatMap(([side, operand]) =>
      changesOf(operand).map(({ what, to }) => ({ what, to: { [operator]: { ...operands, [side]: to } } })),
    );
  });
}
