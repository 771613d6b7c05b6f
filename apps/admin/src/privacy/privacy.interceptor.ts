/** No answer of an operation shows an actor's id while pseudonyms are on, whoever wrote the operation; it sees what is left when the answer was cut to its schema. */
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { OperationName } from '@plimsoll/contracts';
import { from, mergeMap, type Observable } from 'rxjs';
import { operationOf } from '../api/operation.js';
import { askedOf } from './privacy-guard.js';
import { Pseudonyms } from './pseudonyms.js';

/** What answers with an id because it was asked for one. */
const REVEALS: ReadonlySet<OperationName> = new Set<OperationName>(['revealActor']);

@Injectable()
export class PrivacyInterceptor implements NestInterceptor {
  constructor(private readonly pseudonyms: Pseudonyms) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const called = operationOf(context);
    // What streams hides its lines itself; what is open speaks of no actor.
    if (called === undefined || called.operation.open || called.operation.streams || REVEALS.has(called.name))
      return next.handle();
    return next.handle().pipe(mergeMap((answer: unknown) => from(this.pseudonyms.hide(answer, askedOf(context)))));
  }
}
