/** The public face of the contracts: schemas and types that cross a process or package border. */

export * from './admin-api.js';
export * from './alert.js';
export * from './backtest.js';
export * from './backtest-api.js';
export * from './decision.js';
export * from './door.js';
export * from './feed.js';
export * from './harm-preview.js';
export * from './history-api.js';
export * from './history-filter.js';
export * from './history-views.js';
export * from './instance-key.js';
export * from './ladder.js';
export * from './live.js';
export type { Operation } from './operation.js';
export * from './policy.js';
export * from './problem.js';
export * from './proof.js';
export * from './receipt.js';
export * from './request-log.js';
export * from './settings.js';
export * from './share.js';
export * from './subject.js';
export * from './text.js';
export * from './views.js';
