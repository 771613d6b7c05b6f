/**
 * How often one person, or one API key, may call within a time, whatever it calls (ASVS 2.4.1): beyond what pages and programs need by far,
 * and below what one process answers, so that nobody takes it from all others. In this process alone; operations
 * that cost more have budgets of their own beside it.
 */
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { Budget } from './budget.js';
import type { CallerRequest } from './guards.js';

/** `calls` may come at once, and come back evenly within `windowMs`. */
export interface CallLimit {
  calls: number;
  windowMs: number;
}
/** 200 a second: a page asks for twenty things when it is opened, and a process answers 3,000 a second. */
export const CALL_LIMIT: CallLimit = { calls: 3_000, windowMs: 15_000 };
export const CALLS = Symbol('calls');

@Injectable()
export class CallBudgetGuard implements CanActivate {
  private readonly budget: Budget;

  constructor(
    @InjectContext() private readonly context: Context,
    @Inject(CALLS) { calls, windowMs }: CallLimit,
  ) {
    this.budget = new Budget(calls, windowMs);
  }

  canActivate(context: ExecutionContext): boolean {
    // The socket has a budget of its own (live/socket-limits.ts), and who is not signed in has those of its network.
    if (context.getType() === 'ws') return true;
    const { caller } = context.switchToHttp().getRequest<CallerRequest>();
    if (caller === undefined) return true;
    const retryAfterSeconds = this.budget.take(caller.person.id, this.context.now());
    if (retryAfterSeconds === 0) return true;
    throw new ProblemError('too-many-requests', 'So many calls within a few seconds. Wait a moment.', { retryAfterSeconds });
  }
}
