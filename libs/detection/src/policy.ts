/**
 * The policy: what a finding leads to. Pure, so that the same finding always gets the same ruling; it knows nothing of
 * versions, feeds or storage. Monitor never acts; a person's decision always stands; what happened late or in an old
 * file never leads to a decision; only a subject that the host vouches for is held by its id, else its address.
 */
import type { Decision, DecisionAction, EnforceableSubject, PolicyMode, RateLimit } from '@plimsoll/contracts';
import { BLOCK_MS, THROTTLE_MS } from './constants.js';
import type { Finding } from './finding.js';

export type Ruling =
  | { type: 'none' }
  | {
      type: 'create';
      action: DecisionAction;
      subject: EnforceableSubject;
      endpoint: string | null;
      rate: RateLimit | null;
      /** Milliseconds since the epoch. */
      until: number;
      reason: string;
    }
  | { type: 'prolong'; decisionId: string; until: number };

export interface RulingContext {
  policy: PolicyMode;
  /** The decision in force on the same subject and endpoint, if any. */
  active: Decision | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

const NONE: Ruling = { type: 'none' };

/**
 * What a finding leads to. A throttle lasts a minute and a block ten; both are prolonged by later findings of the same
 * behaviour, so that a subject is released soon after it calms down.
 */
export function decide(finding: Finding, { policy, active, now }: RulingContext): Ruling {
  if (policy === 'monitor' || finding.historical || finding.phase === 'ended') return NONE;
  if (!finding.actionable) return NONE;
  const subject = enforceableSubject(finding);
  if (!subject) return NONE;
  const severe = finding.severity === 'high' || finding.severity === 'critical';
  const action: DecisionAction = policy === 'block' && severe ? 'block' : 'throttle';
  if (action === 'throttle' && !finding.rate) return NONE;
  const lasts = action === 'block' ? BLOCK_MS : THROTTLE_MS;
  const inForce = active && active.liftedAt === null && active.until > now ? active : undefined;
  if (inForce?.origin.type === 'person') return NONE;
  if (inForce && (inForce.action === action || inForce.action === 'block')) return prolong(inForce, now + lasts, lasts);
  return {
    type: 'create',
    action,
    subject,
    endpoint: finding.endpoint,
    rate: action === 'throttle' ? finding.rate : null,
    until: now + lasts,
    reason: finding.explanation,
  };
}

/** Every prolongation is a version in every bouncer's feed: only once a quarter of the time has gone. */
function prolong(active: Decision, until: number, lasts: number): Ruling {
  if (until - active.until < lasts / 4) return NONE;
  return { type: 'prolong', decisionId: active.id, until };
}

/** The subject where a bouncer may hold it; the one address of an account that was only claimed; else nobody. */
export function enforceableSubject(finding: Finding): EnforceableSubject | undefined {
  const { type, id } = finding.subject;
  if (type === 'address') return { type, id };
  if ((type === 'actor' || type === 'credential') && finding.verified) return { type, id };
  const [address, ...others] = finding.addresses ?? [];
  return address !== undefined && others.length === 0 ? { type: 'address', id: address } : undefined;
}
