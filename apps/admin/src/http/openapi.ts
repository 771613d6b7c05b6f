/** The OpenAPI 3.1 document, made from the same zod schemas that check every request: it cannot say anything else. */
import {
  accessActionOf,
  adminApi,
  alertSchema,
  decisionSchema,
  keySchema,
  type Operation,
  personSchema,
  problemSchema,
  serviceSchema,
} from '@plimsoll/contracts';
import { z } from 'zod';

type Json = { [key: string]: unknown };

/** Schemas with a name of their own in the document; all others are written in place. */
const named = z.registry<{ id: string }>();
named.add(alertSchema, { id: 'Alert' });
named.add(decisionSchema, { id: 'Decision' });
named.add(keySchema, { id: 'Key' });
named.add(personSchema, { id: 'Person' });
named.add(problemSchema, { id: 'Problem' });
named.add(serviceSchema, { id: 'Service' });

const problems: Record<string, string> = {
  '400': 'Some fields are not as they must be; `errors` names each',
  '401': 'No access token, or one that is not good any more',
  '403': 'Not from the console, or not with this role',
  '404': 'There is no such thing',
  '409': 'Its state does not allow this any more',
  '429': 'Too often',
  '503': 'A store cannot be reached',
};

/** The document as a plain object; `server` is the origin that people use. */
export function openApiDocument(server: string): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries<Operation>(adminApi)) {
    const described = describe(name, operation, components);
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: described };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plimsoll admin API',
      version: '0.1.0',
      description:
        'What the console itself uses. Programs that only read send an API key with the scope `admin:read` as `Authorization: Bearer`, with `GET`. Every other call carries a proof of a key that you make (header `DPoP`, RFC 9449), with the nonce of the last answer (`DPoP-Nonce`; `GET /api/session/nonce` gives the first) and, where there is a body, its SHA-256 as `bdh`. Sign in, send the access token as `Authorization: DPoP`, and `Origin` with every change. Errors are RFC 9457 problem documents.',
    },
    servers: [{ url: server }],
    tags: [
      'session',
      'access',
      'account',
      'members',
      'alerts',
      'decisions',
      'services',
      'traffic',
      'history',
      'audit',
      'privacy',
    ].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'dpop', bearerFormat: 'JWT' },
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key with the scope admin:read, for reading alone' },
      },
    },
  };
}

function describe(name: string, operation: Operation, components: Json): Json {
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => toSchema(schema, io, components);
  const codes = ['400', ...(operation.open ? [] : ['401']), ...codesOf(operation), '503'];
  const answers = codes.map((code) => [
    code,
    { description: problems[code], content: { 'application/problem+json': { schema: schemaOf(problemSchema, 'output') } } },
  ]);
  const success =
    operation.status === 204
      ? { description: 'Done' }
      : {
          description: 'OK',
          content: { [operation.streams ?? 'application/json']: { schema: schemaOf(operation.response, 'output') } },
        };
  return {
    operationId: name,
    tags: [operation.tag],
    summary: operation.summary,
    security: operation.open ? [] : [{ accessToken: [] }, ...(readByKey(operation) ? [{ apiKey: [] }] : [])],
    parameters: [...parameters('path', operation.params, components), ...parameters('query', operation.query, components)],
    ...(operation.body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(operation.body, 'input') } } },
    }),
    responses: { [operation.status]: success, ...Object.fromEntries(answers) },
  };
}

/** What an API key may call at all; the access policy decides on the rest. */
const readByKey = ({ method, action }: Operation): boolean =>
  method === 'GET' && action !== null && accessActionOf(action).on !== 'Installation';

function codesOf({ method, params, open }: Operation): string[] {
  if (open) return ['401', '403', '429'];
  return [...(method === 'GET' ? [] : ['403', '409']), ...(params || method === 'POST' ? ['404'] : [])];
}

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined, components: Json): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toSchema(schema, 'input', components) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, fieldSchema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: fieldSchema,
  }));
}

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. Named schemas move to `components`. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $defs, $schema: _, ...rest } = z.toJSONSchema(schema, { io, metadata: named, unrepresentable: 'any' }) as Json;
  for (const [id, definition] of Object.entries(($defs ?? {}) as Json)) components[id] = pointToComponents(definition);
  return pointToComponents(rest) as Json;
}

const pointToComponents = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
