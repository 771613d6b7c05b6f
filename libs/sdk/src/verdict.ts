/**
 * The one pure function that decides: which of the decisions in force speaks for this request. A block wins over every
 * throttle; among equals the order is actor, credential, address. Every throttle that applies has to admit the request;
 * only then is it counted against any of them.
 */
import type { FeedDecision } from '@plimsoll/contracts';
import { gcra } from './throttle.js';

/** A decision as the bouncer holds it. */
export interface Held {
  readonly decision: FeedDecision;
  /** State of its throttle, see throttle.ts. */
  tat: number;
}

/** The decision that refuses a request. `endpoint` is null where it holds everywhere; `reason` is not for clients. */
interface Refusing {
  decisionId: string;
  endpoint: string | null;
  reason: string;
}

/** The answer to one request. */
export type Verdict =
  | { verdict: 'allow' }
  | ({ verdict: 'throttle'; retryAfterSeconds: number } & Refusing)
  | ({ verdict: 'block' } & Refusing);

export interface Judgement {
  verdict: Verdict;
  /** New states of the throttles that admitted it; empty where it is refused. */
  tats: { held: Held; tat: number }[];
}

export const ALLOW: Verdict = Object.freeze({ verdict: 'allow' });

/** `applicable` in order of precedence, expired ones left out; `now` in the clock of the throttles, milliseconds. */
export function judge(applicable: readonly Held[], now: number): Judgement {
  const block = applicable.find(({ decision }) => decision.action === 'block');
  if (block) return refuse({ verdict: 'block', ...refusing(block.decision) });
  const tats: Judgement['tats'] = [];
  let first: FeedDecision | undefined;
  let longest = 0;
  for (const held of applicable) {
    if (!held.decision.rate) continue;
    const { admitted, tat, waitMs } = gcra(held.decision.rate, held.tat, now);
    if (!admitted) {
      first ??= held.decision;
      longest = Math.max(longest, waitMs);
    } else tats.push({ held, tat });
  }
  if (!first) return { verdict: ALLOW, tats };
  const retryAfterSeconds = Math.max(1, Math.ceil(longest / 1000));
  return refuse({ verdict: 'throttle', retryAfterSeconds, ...refusing(first) });
}

const refusing = ({ id, endpoint, reason }: FeedDecision): Refusing => ({ decisionId: id, endpoint, reason });
const refuse = (verdict: Verdict): Judgement => ({ verdict, tats: [] });
