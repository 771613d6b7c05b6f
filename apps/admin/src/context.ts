/** What every part of the process needs from outside: stores, clock, log, environment. Made once, in main.ts or a test. */
import { Inject } from '@nestjs/common';
import type { Database, History, Redis } from '@plimsoll/storage';
import type { Logger } from 'pino';
import type { Env } from './env.js';

export interface Context {
  env: Env;
  db: Database;
  redis: Redis;
  /** A connection that only subscribes. */
  subscriber: Redis;
  /** Absent where no history is kept. */
  history: History | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
}

export const CONTEXT = Symbol('context');
export const InjectContext = (): ParameterDecorator => Inject(CONTEXT);
