/**
 * Binds the operations of contracts/admin-api.ts to Nest handlers: `@Implements` gives a method its route and status,
 * `@Input` its checked parameters. What a handler answers is cut to the response schema, so that a column added to a
 * table never leaks by itself.
 */
import {
  applyDecorators,
  type CallHandler,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  type NestInterceptor,
  Patch,
  Post,
  SetMetadata,
} from '@nestjs/common';
import {
  adminApi,
  type Operation,
  type OperationName,
  type ParsedBody,
  type ParsedParams,
  type ParsedQuery,
  type ResponseOf,
} from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { z } from 'zod';
import { ProblemError } from '../http/problem.js';

export const OPERATION = 'plimsoll:operation';

const routeOf = { GET: Get, POST: Post, PATCH: Patch, DELETE: Delete };

/** Marks the handler of an operation. OpenAPI's `{id}` becomes the router's `:id`. */
export function Implements(name: OperationName): MethodDecorator {
  const { method, path, status } = adminApi[name];
  const route = routeOf[method](path.replace(/\{(\w+)\}/g, ':$1'));
  return applyDecorators(SetMetadata(OPERATION, name), HttpCode(status), route);
}

export interface InputOf<N extends OperationName> {
  params: ParsedParams<N>;
  query: ParsedQuery<N>;
  body: ParsedBody<N>;
}
/** What a handler of the operation gives back. */
export type AnswerOf<N extends OperationName> = Promise<ResponseOf<N>>;

/** The operation behind a handler; undefined for routes outside the contract. */
export function operationOf(context: ExecutionContext): { name: OperationName; operation: Operation } | undefined {
  const name: OperationName | undefined = Reflect.getMetadata(OPERATION, context.getHandler());
  return name && { name, operation: adminApi[name] };
}

/** What was read of the request. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext) => inputs.get(requestOf(context)));

type Read = ReturnType<typeof readInput>;
const inputs = new WeakMap<FastifyRequest, Read>();
const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>();

/** @throws {ProblemError} naming every faulty field of params, query and body at once. */
export function readInput(operation: Operation, request: Pick<FastifyRequest, 'params' | 'query' | 'body'>) {
  const errors: { field: string; reason: string }[] = [];
  const check = (part: 'params' | 'query' | 'body', value: unknown): unknown => {
    const schema: z.ZodType | undefined = operation[part];
    if (schema === undefined) {
      if (part !== 'params' && !isEmpty(value)) errors.push({ field: part, reason: 'nothing is expected here' });
      return undefined;
    }
    const read = schema.safeParse(value ?? {});
    if (read.success) return read.data;
    for (const issue of read.error.issues.slice(0, 20)) {
      errors.push({ field: [part, ...issue.path.map(String)].join('.').slice(0, 200), reason: issue.message.slice(0, 300) });
    }
    return undefined;
  };
  const input = {
    params: check('params', request.params),
    query: check('query', request.query),
    body: check('body', request.body),
  };
  if (errors.length > 0) throw new ProblemError('invalid-body', 'Some fields are not as they must be.', { errors });
  return input;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** Reads an operation's input, once: the access policy is about what it names. @throws as {@link readInput}. */
export function takeInput(context: ExecutionContext, operation: Operation): Read {
  const request = requestOf(context);
  const input = inputs.get(request) ?? readInput(operation, request);
  inputs.set(request, input);
  return input;
}

/** Sees to it that the input was read, and cuts the answer to its schema. */
export class OperationInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const operation = operationOf(context)?.operation;
    if (operation === undefined) return next.handle();
    takeInput(context, operation);
    if (operation.status === 204 || operation.streams) return next.handle();
    return next.handle().pipe(map((answer: unknown) => operation.response.parse(answer)));
  }
}
