/** The public face for tests: the door as main.ts starts it. */
export { type IngestApp, type IngestOptions, startIngest } from './app.js';
export { type Env, readEnv } from './env.js';
