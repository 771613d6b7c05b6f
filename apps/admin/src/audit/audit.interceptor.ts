/**
 * No change without a row. Handlers write their row in the transaction of the change; should one forget it, this writes a
 * plain one behind it: the operation, its object and the names of the fields that were sent, never their values.
 */
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, map, mergeMap, type Observable } from 'rxjs';
import { operationOf } from '../api/operation.js';
import type { Caller } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { hasTold, recordDeed } from './trail.js';

@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(@InjectContext() private readonly context: Context) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const found = operationOf(context);
    if (found === undefined || found.operation.method === 'GET' || found.operation.quiet) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest & { caller?: Caller }>();
    const { caller } = request;
    // Who is not signed in yet is written down by what signs in.
    if (caller === undefined) return next.handle();
    const { db, now } = this.context;
    const { params, body } = request as { params: { id?: string }; body?: object };
    const complete = async (): Promise<void> => {
      if (hasTold(caller)) return;
      const detail = { fields: Object.keys(body ?? {}) };
      await recordDeed(db, caller, now(), { action: `operation.${found.name}`, object: params.id ?? '', detail });
    };
    return next.handle().pipe(mergeMap((answer: unknown) => from(complete()).pipe(map(() => answer))));
  }
}
