/** The public face of the edges: PostgreSQL, Redis, the queue and the live channel. */
export * as schema from './schema.js';
