/**
 * The one pure function that decides: which of the decisions in force speaks for this request. A block wins over every
 * challenge, a challenge over every throttle; among equals the order is actor, credential, address. Every throttle that applies has to admit the request;
 * only then is it counted against any of them.
 */
import type { FeedDecision } from '@plimsoll/contracts';
import { type Quota, quotaOf } from './quota.js';
import type { Known } from './risks.js';
import { type Allotment, admit } from './throttle.js';

/** A decision as the bouncer holds it. */
export interface Held {
  readonly decision: FeedDecision;
  /** State of its throttle, see throttle.ts. */
  tat: number;
  /** What other instances leave of it, see shares.ts. */
  allotment: Allotment;
}

/** Why a request is not simply let through. `endpoint` is null where it holds everywhere; `reason` is not for clients. */
interface Grounds {
  /** A decision of Plimsoll; the host's own `onVerdict`; or a route that fails closed while decisions are out of reach. */
  origin: 'decision' | 'host' | 'fail-closed';
  /** Where the origin is a decision. */
  decisionId?: string;
  endpoint: string | null;
  reason: string;
}

/**
 * The answer to one request. `quotas` are the states of the throttles that apply, `risk` and `context` what there is to hold against the caller,
 * where there is any: for the host's own rules, they change no verdict.
 */
export type Verdict = Partial<Known> &
  (
    | { verdict: 'allow'; quotas?: readonly Quota[] }
    | ({ verdict: 'throttle'; retryAfterSeconds: number; quotas?: readonly Quota[] } & Grounds)
    | ({ verdict: 'challenge' } & Grounds)
    | ({ verdict: 'block' } & Grounds)
  );
export type Refusing = Exclude<Verdict, { verdict: 'allow' }>;

export interface Judgement {
  verdict: Verdict;
  /** New states of throttles: of those that admitted it; where it is refused, of those that were further ahead than they can be. */
  tats: { held: Held; tat: number }[];
}

export const ALLOW: Verdict = Object.freeze({ verdict: 'allow' });

/** `applicable` in order of precedence, expired ones left out; `now` in the clock of the throttles, milliseconds. */
export function judge(applicable: readonly Held[], now: number): Judgement {
  const block = applicable.find(({ decision }) => decision.action === 'block');
  if (block) return refuse({ verdict: 'block', ...groundsOf(block.decision) });
  const challenge = applicable.find(({ decision }) => decision.action === 'challenge');
  if (challenge) return refuse({ verdict: 'challenge', ...groundsOf(challenge.decision) });
  const tats: Judgement['tats'] = [];
  /** Of refusing throttles that are further ahead than their limit can be: a smaller part of it left them there. */
  const ahead: Judgement['tats'] = [];
  const quotas: Quota[] = [];
  let first: FeedDecision | undefined;
  let longest = 0;
  for (const held of applicable) {
    if (!held.decision.rate) continue;
    const { admitted, tat, waitMs } = admit(held.decision.rate, held.tat, now, held.allotment);
    const left = held.allotment.type === 'counted' ? held.allotment.left - 1 : Number.POSITIVE_INFINITY;
    quotas.push(quotaOf(held.decision, held.decision.rate, { tat, waitMs, now, left }));
    if (!admitted) {
      first ??= held.decision;
      longest = Math.max(longest, waitMs);
      if (tat < held.tat) ahead.push({ held, tat });
    } else tats.push({ held, tat });
  }
  if (quotas.length === 0) return { verdict: ALLOW, tats };
  if (!first) return { verdict: { verdict: 'allow', quotas }, tats };
  const retryAfterSeconds = Math.max(1, Math.ceil(longest / 1000 - 1e-6));
  return { verdict: { verdict: 'throttle', retryAfterSeconds, quotas, ...groundsOf(first) }, tats: ahead };
}

const groundsOf = ({ id, endpoint, reason }: FeedDecision): Grounds => ({ origin: 'decision', decisionId: id, endpoint, reason });
const refuse = (verdict: Verdict): Judgement => ({ verdict, tats: [] });

/** A verdict that the host made, with what it left out filled in; undefined where it is none. */
export function completed(said: unknown): Verdict | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const { verdict, origin, decisionId, endpoint, reason, retryAfterSeconds } = said as Record<string, unknown>;
  const grounds: Grounds = {
    origin: origin === 'decision' || origin === 'fail-closed' ? origin : 'host',
    endpoint: typeof endpoint === 'string' ? endpoint : null,
    reason: typeof reason === 'string' ? reason : '',
    ...(typeof decisionId === 'string' ? { decisionId } : {}),
  };
  if (verdict === 'allow') return ALLOW;
  if (verdict === 'block') return { ...grounds, verdict };
  if (verdict === 'challenge') return { ...grounds, verdict };
  if (verdict !== 'throttle') return undefined;
  const seconds = Math.ceil(Number(retryAfterSeconds ?? 1));
  return { ...grounds, verdict, retryAfterSeconds: seconds >= 1 ? Math.min(seconds, 86_400) : 1 };
}
