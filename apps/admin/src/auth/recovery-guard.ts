/** In a recovery session one makes a new passkey, and nothing else: the code or link that opened it may have been stolen. */
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { OperationName } from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { operationOf } from '../api/operation.js';
import { ProblemError } from '../http/problem.js';
import type { Caller } from './guards.js';

const OPEN_TO_RECOVERY: ReadonlySet<OperationName> = new Set<OperationName>([
  'me',
  'account',
  'passkeyOptions',
  'addPasskey',
  'signOut',
]);

@Injectable()
export class RecoveryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() === 'ws') return true;
    const { caller } = context.switchToHttp().getRequest<FastifyRequest & { caller?: Caller }>();
    const name = operationOf(context)?.name;
    if (caller?.amr !== 'recovery' || name === undefined || OPEN_TO_RECOVERY.has(name)) return true;
    throw new ProblemError('recovery-only', 'This session is for a recovery: make a new passkey first.');
  }
}
