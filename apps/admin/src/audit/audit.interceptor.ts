/**
 * No change without a row, and none with two. Handlers write their row in the transaction of the change, by whatever function;
 * should one forget it, this writes a plain one behind it: the operation, its object and the names of the fields that were sent,
 * never their values. A row that is rolled back counts: then the request has failed.
 */
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { auditRowsWithin } from '@plimsoll/storage';
import type { FastifyRequest } from 'fastify';
import { from, map, mergeMap, Observable } from 'rxjs';
import { operationOf } from '../api/operation.js';
import type { Caller } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { recordDeed } from './trail.js';

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
    const written = { rows: 0 };
    const complete = async (): Promise<void> => {
      if (written.rows > 0) return;
      const detail = { fields: Object.keys(body ?? {}) };
      await recordDeed(db, caller, now(), { action: `operation.${found.name}`, object: params.id ?? '', detail });
    };
    // The handler runs when it is subscribed to, and everything that it calls within that scope.
    const handled = new Observable<unknown>((to) => auditRowsWithin.run(written, () => next.handle().subscribe(to)));
    return handled.pipe(mergeMap((answer) => from(complete()).pipe(map(() => answer))));
  }
}
