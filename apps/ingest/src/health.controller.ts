/** `/healthz`: the process runs. `/readyz`: it reaches its stores. Neither says anything about them. */
import { Controller, Get, Inject } from '@nestjs/common';
import { Open } from './key.guard.js';
import { ProblemError } from './problem.js';

export const STORES_ANSWER = Symbol('stores answer');
/** Fails where PostgreSQL or Redis do not answer. */
export type StoresAnswer = () => Promise<unknown>;

@Open()
@Controller()
export class HealthController {
  constructor(@Inject(STORES_ANSWER) private readonly storesAnswer: StoresAnswer) {}

  @Get('healthz')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(): Promise<{ status: 'ready' }> {
    try {
      await this.storesAnswer();
    } catch (cause) {
      throw new ProblemError('unavailable', 'The stores are out of reach', { retryAfterSeconds: 2, cause });
    }
    return { status: 'ready' };
  }
}
