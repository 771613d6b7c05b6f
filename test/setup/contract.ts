/** The contract as data for tests that go over all of it: what each operation takes, and in which objects of its input. */
import { adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { z } from 'zod';

export const operationNames = Object.keys(adminApi) as OperationName[];
export const operationOf = (name: OperationName): Operation => adminApi[name];

type Part = 'params' | 'query' | 'body';
export interface Input {
  name: OperationName;
  part: Part;
  schema: z.ZodObject;
}

/** Every schema of an input. */
export const inputs: readonly Input[] = operationNames.flatMap((name) =>
  (['params', 'query', 'body'] as const).flatMap((part) => {
    const schema = operationOf(name)[part];
    return schema === undefined ? [] : [{ name, part, schema }];
  }),
);

export const fieldsOf = ({ schema }: Input): string[] => Object.keys(schema.shape);

/** What a call cannot do without in its query, from `plain`, a good value of each such field. */
export function neededQuery(name: OperationName, plain: Readonly<Record<string, string>>): Record<string, string> {
  const fields = Object.entries(operationOf(name).query?.shape ?? {});
  const asked = fields.filter(([, field]) => !(field as z.ZodType).safeParse(undefined).success).map(([field]) => field);
  return Object.fromEntries(asked.map((field) => [field, plain[field] ?? `no plain ${field}`]));
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  [member: string]: unknown;
}

/** Places of the objects that take members which nobody has named: `body.json`. A map says what its values are, and is one too. */
export function openObjects({ name, part, schema }: Input): string[] {
  const found: string[] = [];
  const visit = (node: JsonSchema, place: string): void => {
    const isObject = node.type === 'object' || node.properties !== undefined;
    // A map by names of a list is closed: `{rate: 'off'}`.
    const byName = Array.isArray((node['propertyNames'] as JsonSchema | undefined)?.['enum']);
    if (isObject && node.additionalProperties !== false && !byName) found.push(place);
    for (const [field, member] of Object.entries(node.properties ?? {})) visit(member, `${place}.${field}`);
    for (const list of ['anyOf', 'oneOf', 'allOf'] as const)
      for (const member of (node[list] as JsonSchema[] | undefined) ?? []) visit(member, place);
    if (typeof node['items'] === 'object') visit(node['items'] as JsonSchema, `${place}[]`);
    if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, `${place}.*`);
  };
  visit(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, `${name} ${part}`);
  return [...new Set(found)];
}

/** Names of all members that any answer has. */
export function answeredFields(): string[] {
  const found = new Set<string>();
  const visit = (node: JsonSchema): void => {
    for (const [field, member] of Object.entries(node.properties ?? {})) {
      found.add(field);
      visit(member);
    }
    for (const member of Object.values(node)) {
      const nodes = Array.isArray(member) ? member : [member];
      for (const each of nodes) if (typeof each === 'object' && each !== null && each !== node.properties) visit(each);
    }
  };
  for (const name of operationNames)
    visit(z.toJSONSchema(operationOf(name).response, { io: 'output', unrepresentable: 'any' }) as JsonSchema);
  return [...found].sort();
}
