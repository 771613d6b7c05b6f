/**
 * Throttles that add up: an instance says how much it saw of each throttle (its demand), and is answered with its share of
 * the limit. The answer is signed like a frame of the feed, over the instance's own nonce.
 */
import { z } from 'zod';
import { epochMs, serviceId } from './text.js';

const count = z.int().min(0).max(1e12);
const rateNumber = z.number().min(1e-6).max(1e9);

/** Throttles in one message, and shares in one answer. */
export const MAX_DEMANDS = 100;
/** Ids of busy throttles in one frame of the feed. */
export const MAX_BUSY = 100;

/** What an instance saw of one throttle since it began to count, which `life` numbers: counts only grow within a life. */
export const demandSchema = z.object({
  /** Of the decision. */
  id: z.string().regex(/^[\w-]{1,64}$/, 'an id of a decision'),
  requests: rateNumber,
  windowSeconds: rateNumber,
  life: count,
  /** Requests that came, admitted or not. */
  wanted: count,
  admitted: count,
});
export type Demand = z.output<typeof demandSchema>;

/** `POST /v1/demand`. */
export const demandsSchema = z.object({
  instance: z.string().regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, - or _'),
  nonce: z.string().regex(/^[\w-]{16,64}$/, '16 to 64 letters, digits, - or _'),
  demands: z.array(demandSchema).min(1).max(MAX_DEMANDS),
});
export type Demands = z.output<typeof demandsSchema>;

export const shareSchema = z.object({
  id: z.string(),
  /** That many until the next answer, whole requests. */
  requests: count,
  /** Of all that is wanted of the throttle, 0 to 1: by this share of the limit the instance goes on without the server. */
  part: z.number().min(0).max(1),
  /** All of the limit is handed out. */
  busy: z.boolean(),
});
export type Share = z.infer<typeof shareSchema>;

export const sharesFrameSchema = z.object({
  type: z.literal('shares'),
  service: serviceId,
  environment: z.string(),
  issuedAt: epochMs,
  expiresAt: epochMs,
  /** Who asked, and with which nonce. */
  instance: z.string(),
  nonce: z.string(),
  /** Until the next demand is told, milliseconds. */
  everyMs: z.int().min(1),
  /** A throttle that is missing here had no room: it holds by its own limit. */
  shares: z.array(shareSchema).max(MAX_DEMANDS),
});
export type SharesFrame = z.infer<typeof sharesFrameSchema>;
