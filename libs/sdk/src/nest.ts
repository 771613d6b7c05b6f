/**
 * NestJS 10 to 12, on Express and on Fastify: `imports: [PlimsollModule.forRoot({ url, key, identify })]`. The verdict is
 * given before Nest's body parsers, middleware and guards; on the actor once more behind the guards, when they have said
 * who it is. That second refusal is an exception, so that the host's own filters may see it: see nest-refused.ts.
 */
import type { CallHandler, DynamicModule, ExecutionContext } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, HttpAdapterHost } from '@nestjs/core';
import { NestDoor } from './nest-door.js';
import { Refused, RefusedFilter } from './nest-refused.js';
import type { AdapterOptions } from './visit-options.js';

export type { Identified, Identity } from './visit-options.js';

/** `url` and `key`, or a `guard` that exists already. `identify` is given the platform's request, as Nest's guards are. */
// biome-ignore lint/suspicious/noExplicitAny: the request of Express or of Fastify, with what the host's guards put on it.
export type NestOptions<Req = any> = AdapterOptions<Req>;
export interface NestAsyncOptions {
  imports?: NonNullable<DynamicModule['imports']>;
  inject?: (string | symbol | (abstract new (...given: never[]) => unknown))[];
  useFactory: (...injected: never[]) => NestOptions | Promise<NestOptions>;
}

/** Injects the guard: `@Inject(PLIMSOLL) guard: Guard`. */
export const PLIMSOLL = Symbol.for('@plimsoll/sdk guard');
const OPTIONS = Symbol('plimsoll options');

// biome-ignore lint/complexity/noStaticOnlyClass: modules of Nest are classes, made by static methods.
export class PlimsollModule {
  static forRoot(options: NestOptions): DynamicModule {
    return PlimsollModule.forRootAsync({ useFactory: () => options });
  }

  /** Options from other providers: `inject: [ConfigService], useFactory: (config) => ({ ... })`. */
  static forRootAsync({ imports = [], inject = [], useFactory }: NestAsyncOptions): DynamicModule {
    const open = (options: NestOptions, { httpAdapter }: HttpAdapterHost) => new NestDoor(options, httpAdapter);
    const behindGuards = (door: NestDoor) => ({
      intercept: (context: ExecutionContext, next: CallHandler) => {
        const reply = door.reply(context);
        if (reply) throw new Refused(reply);
        return next.handle();
      },
    });
    return {
      module: PlimsollModule,
      global: true,
      imports,
      providers: [
        { provide: OPTIONS, inject: inject as symbol[], useFactory: useFactory as () => unknown },
        { provide: NestDoor, inject: [OPTIONS, HttpAdapterHost], useFactory: open },
        { provide: PLIMSOLL, inject: [NestDoor], useFactory: ({ guard }: NestDoor) => guard },
        { provide: APP_INTERCEPTOR, inject: [NestDoor], useFactory: behindGuards },
        { provide: APP_FILTER, useClass: RefusedFilter },
      ],
      exports: [PLIMSOLL],
    };
  }
}
