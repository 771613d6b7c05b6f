/**
 * The public face of @plimsoll/sdk: `plimsoll({ url, key })` gives a guard. It records finished requests, which are
 * shipped in the background, and answers from memory whether a request may pass.
 */
export type { Caller } from './bouncer.js';
export type { Fault, FaultCode } from './faults.js';
export { type Guard, type GuardStats, plimsoll } from './guard.js';
export type { PlimsollOptions } from './guard-options.js';
export type { RecordedRequest } from './log.js';
export type { Passed } from './proofs.js';
export type { Quota } from './quota.js';
export type { Answer, Refusal } from './refusal.js';
export type { Context, Risk } from './risks.js';
export type { Refusing, Verdict } from './verdict.js';
export type { Identified, Identity, VisitOptions } from './visit-options.js';
