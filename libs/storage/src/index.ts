/** The public face of the edges: PostgreSQL, Redis, the queue and the live channel. */
export * from './alert-queries.js';
export * from './audit.js';
export * from './cursors.js';
export * from './decision-queries.js';
export * from './decisions.js';
export * from './feed.js';
export * from './keys.js';
export * from './people.js';
export * as schema from './schema.js';
export * from './services.js';
export * from './sessions.js';
export * from './signing-keys.js';
export * from './traffic-queries.js';
