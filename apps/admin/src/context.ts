/** What every part of the process needs from outside: stores, clock, log, environment. Made once, in main.ts or a test. */
import { Inject } from '@nestjs/common';
import type { Database, History, Redis } from '@plimsoll/storage';
import type { Logger } from 'pino';
import type { Env } from './env.js';
import type { SelfWatch } from './watch/self-watch.js';

export interface Context {
  env: Env;
  db: Database;
  redis: Redis;
  /** A connection that only subscribes. */
  subscriber: Redis;
  /** Absent where no history is kept. */
  history: History | undefined;
  /** Takes the logs of our own requests; absent where nobody watches the console. */
  watch?: SelfWatch;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
  /** Whoever started this process and speaks with it over Node's own channel; absent where nobody does. */
  parent?: ParentProcess;
}

export interface ParentProcess {
  send(message: object): void;
  on(event: 'message', listener: (message: unknown) => void): void;
  off(event: 'message', listener: (message: unknown) => void): void;
}

export const CONTEXT = Symbol('context');
export const InjectContext = (): ParameterDecorator => Inject(CONTEXT);
