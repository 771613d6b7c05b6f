/** The public face for tests and benchmarks: the server as main.ts starts it, and its two checks before every operation. */
export { AccessPolicy } from './access/access-policy.js';
export { createApp, type HttpLimits } from './app.js';
export { Admission } from './auth/admission.js';
export type { Context } from './context.js';
export { type Env, EnvFault, readEnv } from './env.js';
export { openStores } from './stores.js';
export { SelfWatch } from './watch/self-watch.js';
