/**
 * Where an application of NestJS is entered, on either platform: the adapter of Express or of Fastify, put before all that
 * Nest adds itself, and the second look behind the guards. Names nothing of Nest: nest.ts does.
 */
import type { IncomingMessage } from 'node:http';
import { type ExpressRequest, plimsollExpress } from './express.js';
import { type FastifyRequest, plimsollFastify } from './fastify.js';
import { type Guard, plimsoll } from './guard.js';
import type { Reply } from './refusal.js';
import type { AdapterOptions } from './visit-options.js';
import { Visits } from './visits.js';

/** What is used of Nest's HTTP adapter. */
export interface NestPlatform {
  getType(): string;
  // biome-ignore lint/suspicious/noExplicitAny: the application of Express or of Fastify; Nest types it so.
  getInstance(): any;
}
/** What is used of Nest's execution context. */
export interface NestContext {
  getType(): string;
  switchToHttp(): { getRequest(): unknown };
}

export class NestDoor {
  readonly guard: Guard;
  readonly #visits: Visits<unknown>;

  /** `platform` is undefined in an application without HTTP, for jobs alone. */
  constructor(options: AdapterOptions<unknown>, platform: NestPlatform | undefined) {
    this.guard = 'guard' in options ? options.guard : plimsoll(options);
    const given = { ...options, guard: this.guard };
    this.#visits = new Visits(given);
    if (platform?.getType() === 'fastify')
      platform.getInstance().register(plimsollFastify(given as AdapterOptions<FastifyRequest>));
    else platform?.getInstance().use(plimsollExpress(given as AdapterOptions<ExpressRequest>));
  }

  /** Behind the host's guards: the answer to a request that is refused there, undefined where it may go on. */
  reply(context: NestContext): Reply | undefined {
    if (context.getType() !== 'http') return undefined;
    const request = context.switchToHttp().getRequest() as IncomingMessage & { raw?: IncomingMessage };
    const verdict = this.#visits.askAgain(request.raw ?? request);
    return verdict.verdict === 'allow' ? undefined : this.#visits.reply(verdict, request);
  }

  /** Nest calls it when the application is closed: the last logs are shipped. */
  onApplicationShutdown(): Promise<void> {
    return this.guard.close();
  }
}
