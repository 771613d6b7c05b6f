import { accessRequest, operations, problem, settingsPatch } from 'virtual:contract';
import {
  accessRequestSchema,
  adminApi,
  type OperationName,
  problemSchema,
  settingsPatchSchema,
  settingsRules,
} from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Compiler, defOf } from './compile.js';
import { check, type Shape } from './shape.js';

const leaves = ['x', 'shop', 'al_12345678', 'GET /a', '192.0.2.1', '::1', '10.0.0.0/8', '::/64', 1, 0, 0.5, 60, true, null];

/** Values that a schema takes, so many that each alternative and each null is among them. */
function valuesOf(schema: z.core.$ZodType): unknown[] {
  const def = defOf(schema);
  const inner = (part: 'element' | 'innerType' | 'in' | 'valueType') => valuesOf(def[part]!);
  switch (def.type) {
    case 'object':
      return together(Object.fromEntries(Object.entries(def.shape!).map(([name, field]) => [name, valuesOf(field)])));
    case 'array':
      return [[], ...inner('element').map((item) => [item])];
    case 'tuple':
      return [def.items!.map((item) => valuesOf(item)[0])];
    case 'union':
      return def.options!.flatMap(valuesOf);
    case 'nullable':
      return [null, ...inner('innerType')];
    case 'optional':
    case 'default':
    case 'prefault':
      return inner('innerType');
    case 'pipe':
      return inner('in');
    case 'record': {
      const names = Object.values(defOf(def.keyType!).entries ?? { a: '200' });
      return inner('valueType').map((value) => Object.fromEntries(names.map((name) => [name, value])));
    }
    case 'literal':
      return def.values!;
    case 'enum':
      return Object.values(def.entries!);
    case 'unknown':
      return [{ any: 'thing' }];
    default: {
      const taken = leaves.filter((leaf) => z.safeParse(schema, leaf).success).slice(0, 1);
      return taken.length > 0 ? taken : ['of another form'];
    }
  }
}

/** Objects in which every value of every field is seen once. */
function together(fields: Record<string, unknown[]>): unknown[] {
  const times = Math.max(1, ...Object.values(fields).map((values) => values.length));
  return Array.from({ length: times }, (_, turn) =>
    Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, values[turn % values.length]])),
  );
}

/** The value with one part of it made to something else, or left out; each part once. */
function* spoilt(value: unknown): Generator<unknown> {
  for (const other of [undefined, null, 7.5, 'odd', [], {}, true]) yield other;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    for (const odd of spoilt(part)) {
      yield Array.isArray(value) ? value.map((item, index) => (String(index) === name ? odd : item)) : { ...value, [name]: odd };
    }
  }
}

const asJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
/** Wrong lengths, forms and rules are the server's matter: of answers the types are checked, and the length of a tuple is its type. */
const isOfType = (issue: z.core.$ZodIssue): boolean =>
  issue.path.at(-2) === 'applied' ||
  (issue.code === 'invalid_union' && issue.errors.length > 0
    ? issue.errors.every((alternative) => alternative.some(isOfType))
    : !['too_small', 'too_big', 'invalid_format', 'custom'].includes(issue.code));

describe('answers', () => {
  const all = Object.entries(adminApi).map(([name, { response }]) => [name, response] as const);
  it.each(all)('%s are taken and refused as by their schema', (name, response: z.ZodType) => {
    const shape = operations[name as OperationName][2];
    const values = valuesOf(response);
    expect(values.length).toBeGreaterThan(0);
    for (const value of values.map(asJson)) {
      const read = response.safeParse(value);
      expect(read.error?.issues.filter(isOfType) ?? []).toEqual([]);
      expect(check(shape, value)).toMatchObject({ type: 'sound', ...(read.success && { value: asJson(read.data) }) });
    }
    for (const part of spoilt(values.at(-1))) {
      const odd = asJson(part);
      const issues = response.safeParse(odd).error?.issues.filter(isOfType) ?? [];
      expect([check(shape, odd).type, odd]).toEqual([issues.length > 0 ? 'faulty' : 'sound', odd]);
    }
  });
  it('have the method and the path of the contract', () => {
    for (const [name, { method, path }] of Object.entries(adminApi))
      expect(operations[name as OperationName].slice(0, 2)).toEqual([method, path]);
  });
  it('leave out what is not in the contract, at every depth', () => {
    const value = {
      type: 'urn:x',
      title: 'No',
      status: 400,
      code: 'conflict',
      errors: [{ field: 'a', reason: 'b', more: 1 }],
      x: 1,
    };
    expect(check(problem, value)).toEqual({ type: 'sound', value: problemSchema.parse(value) });
  });
  it('say where something is wrong', () => {
    const value = { items: [{ id: 7 }], nextCursor: null };
    expect(check({ items: ['[', { id: 's' }], nextCursor: ['|', '0', 's'] }, value)).toEqual({
      type: 'faulty',
      faults: [{ path: 'items.0.id', reason: 'must be text' }],
    });
  });
});

const request = {
  principal: { id: 'a', role: 'analyst' },
  action: 'decision.lift',
  resource: { type: 'Decision', service: 'shop' },
  context: { time: 1 },
};
const steps = [{ action: 'block', seconds: 60 }];

describe('forms', () => {
  it.each<[shape: Shape, schema: z.ZodType, value: unknown]>([
    ...[
      {},
      { kinds: { drift: 'off' }, learnFlows: false, ladder: [{ steps }] },
      { allow: { actors: ['a'], addresses: ['10.0.0.0/8', '::1', '2001:db8::/32', '192.0.2.1', '::ffff:10.0.0.0/104'] } },
      { groups: [{ name: 'a', actors: ['x'], baseLimit: 3, kinds: {} }] },
      { baseLimit: 'many', sensitivity: Number.NaN, alertBudget: 1.5, maxShare: 2 },
      { baseLimit: -1, alertBudget: 100_001 },
      { kinds: { rates: 'on' } },
      { kinds: { drift: 'maybe' } },
      { colour: 'red' },
      { allow: { actor: ['x'] } },
      { allow: { actors: ['*'] } },
      { allow: { addresses: ['::1\n', '::@1', '1:2', '10.0.0.1/33', '::/129', '::/08', '::ffff:10.0.0.0/8', 7] } },
      { groups: [{ name: '' }, { name: 'a', addresses: [] }] },
      {
        groups: [
          { name: 'a', actors: ['x'] },
          { name: 'a', actors: ['x'.repeat(257)] },
        ],
      },
      { groups: Array.from({ length: 51 }, (_, i) => ({ name: `g${i}`, actors: ['x'] })) },
      { endpoints: [{ endpoint: 'get /a' }, { endpoint: 'GET /a' }, { endpoint: 'GET /a', sensitive: 'yes' }] },
      { flows: [{ name: 'f', steps: ['GET /a'] }] },
      { flows: [{ name: 'f', steps: ['GET /a', 'GET /b', 'GET /a'] }] },
      { ladder: [{ steps }, { kind: 'rate', steps: [...steps, { action: 'throttle', seconds: 600 }] }, { steps: [] }] },
      { ladder: [{ steps: [{ action: 'warn', seconds: 5 }] }] },
      null,
      [],
    ].map((value) => [settingsPatch, settingsPatchSchema, value] as [Shape, z.ZodType, unknown]),
    ...[
      request,
      { ...request, action: 'fly' },
      { ...request, resource: { type: 'Cat' } },
      { ...request, resource: { type: 'Installation', service: 'shop' } },
      { ...request, resource: { type: 'Decision', service: 'Not A Slug', effect: 'monitor', mode: 'x' } },
      { ...request, principal: { id: '', role: 'r'.repeat(61), teams: [1], passkeys: 101 } },
      { ...request, context: { risk: 101, time: -1, amr: [''] } },
      { principal: null },
    ].map((value) => [accessRequest, accessRequestSchema, value] as [Shape, z.ZodType, unknown]),
  ])('%#: faults lie where the schema finds them', (shape, schema, value) => {
    const found = check(shape, value, settingsRules);
    const paths = found.type === 'sound' ? [] : found.faults.map(({ path }) => path);
    const issues = schema.safeParse(value).error?.issues ?? [];
    expect([...new Set(paths)].sort()).toEqual([...new Set(issues.map(({ path }) => path.join('.')))].sort());
  });
  it('counts characters, not UTF-16 units', () => {
    const shape: Shape = ['&', 's', { max: 2 }];
    expect([check(shape, '🚢🚢').type, check(shape, '🚢🚢🚢').type]).toEqual(['sound', 'faulty']);
  });
});

describe('what it cannot say', () => {
  it.each([
    ...[z.date(), z.bigint(), z.object({ at: z.map(z.string(), z.string()) })],
    ...[z.int32(), z.uint32(), z.float32(), z.number().pipe(z.number().max(3)), z.record(z.number(), z.string())],
    z.preprocess((value) => value, z.string()),
  ])('fails the build of answers, %#', (schema) => expect(() => new Compiler().answer(schema)).toThrow(/cannot be compiled/));
  it.each([
    ...[z.string().refine((text) => text !== 'x'), z.number().gt(0), z.string().trim(), z.array(z.string()).check(() => {})],
    ...[z.string().transform(Number).pipe(z.number().max(3)), z.record(z.string().max(2), z.int()), z.int32()],
  ])('fails the build of forms, %#', (schema) => expect(() => new Compiler().form(schema)).toThrow(/cannot be compiled/));
  it('says a transformation by what goes in, and names of answers whatever their form', () => {
    expect(new Compiler().form(z.string().transform(Number))).toBe('"s"');
    expect(new Compiler().answer(z.record(z.string().regex(/^\d{3}$/), z.int()))).toBe('["{","i"]');
  });
});
