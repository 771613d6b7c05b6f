/** The public face for tests: the server as main.ts starts it. */
export { createApp, type HttpLimits } from './app.js';
export type { Context } from './context.js';
export { type Env, EnvFault, readEnv } from './env.js';
