/**
 * The policy: what a finding leads to. Pure, so that the same finding always gets the same ruling; it knows nothing of
 * versions, feeds or storage. Who is on the allow-list is left alone; a person's decision always stands; what happened
 * late or in an old file never leads to a decision; only a subject that the host vouches for is held by its id.
 */
import type { Decision, EnforceableSubject, PolicyMode, RateLimit, RequestLog, Settings, Step } from '@plimsoll/contracts';
import type { Finding } from './finding.js';
import { type Climb, capped, farthest, nextStep } from './ladder.js';
import { rulesOf } from './rules.js';

export type Ruling =
  | { type: 'none' }
  | {
      type: 'create';
      step: Step;
      subject: EnforceableSubject;
      endpoint: string | null;
      /** For throttles. */
      rate: RateLimit | null;
      /** Milliseconds since the epoch. */
      until: number;
      reason: string;
    }
  | { type: 'prolong'; decisionId: string; until: number };

/** What of a request a ruling looks at. */
export type Ruled = Pick<RequestLog, 'ts' | 'verdict' | 'actor' | 'authenticated' | 'credential'>;

export interface RulingContext {
  /** How far the service lets its ladder go. */
  policy: PolicyMode;
  settings: Settings;
  /** The last requests of the finding's subject. */
  requests: readonly Ruled[];
  /** The decision in force on the same subject and endpoint, if any. */
  active: Decision | undefined;
  /** Decisions of policies on the same subject that have ended and that nobody has undone. */
  earlier: readonly Decision[];
  /** Milliseconds since the epoch. */
  now: number;
}

const NONE: Ruling = { type: 'none' };

/**
 * What a finding leads to: the step of the first rule of the ladder that matches (ladder.ts), prolonged by later findings of
 * the same behaviour, so that a subject is released soon after it calms down. A throttle holds to what was learnt; where
 * nothing was, there is nothing to hold to and none is made.
 */
export function decide(finding: Finding, context: RulingContext): Ruling {
  const { policy, settings, requests, now } = context;
  if (finding.historical || finding.phase === 'ended' || !finding.actionable) return NONE;
  const subject = enforceableSubject(finding, requests);
  if (!subject || rulesOf(settings).allowsSubject(subject.type, subject.id)) return NONE;
  const active = context.active && isStanding(context.active, now) ? context.active : undefined;
  if (active?.origin.type === 'person') return NONE;
  const steps = capped(rulesOf(settings).stepsFor(finding), policy);
  if (!steps) return NONE;
  const step = nextStep(steps, climbOf(finding, context, active));
  if (active && active.action === step.action && active.seconds >= step.seconds) return prolong(active, now);
  if (step.action === 'throttle' && !finding.rate) return NONE;
  return {
    type: 'create',
    step,
    subject,
    endpoint: finding.endpoint,
    rate: step.action === 'throttle' ? finding.rate : null,
    until: now + step.seconds * 1000,
    reason: finding.explanation,
  };
}

/** What the subject got before, in numbers. A step that the policy has forbidden since counts as the mildest that it was more than. */
function climbOf(finding: Finding, { policy, requests, earlier, now }: RulingContext, active: Decision | undefined): Climb {
  const opened = finding.phase === 'opened';
  const stepOf = ({ action, seconds }: Decision): Step => {
    const step: Step = { action: action === 'challenge' ? 'throttle' : action, seconds }; // Only persons challenge.
    return capped([step], policy)?.[0] ?? step;
  };
  if (active) {
    const since = requests.filter(({ ts }) => ts >= active.createdAt);
    const refused = since.filter(({ verdict }) => verdict !== 'allow').length;
    return { held: { step: stepOf(active), forMs: now - active.createdAt, requests: since.length, refused }, opened };
  }
  const ended = earlier.map((decision) => ({
    step: stepOf(decision),
    endedMsAgo: now - Math.min(decision.liftedAt ?? decision.until, decision.until),
  }));
  return { earlier: farthest(ended), opened };
}

const isStanding = ({ liftedAt, until }: Decision, now: number): boolean => liftedAt === null && until > now;

/** Every prolongation is a version in every bouncer's feed: only once a quarter of the time has gone. */
function prolong(active: Decision, now: number): Ruling {
  const lasts = active.seconds * 1000;
  const until = now + lasts;
  if (until - active.until < lasts / 4) return NONE;
  return { type: 'prolong', decisionId: active.id, until };
}

/**
 * The subject where a bouncer may hold it. An account that was only claimed, in a header or a failed sign-in, is nobody's
 * to hold by its name, else anybody could get it blocked: what is held is the one credential with which it was claimed,
 * else the one address from which; where there are several, nobody.
 */
export function enforceableSubject(finding: Finding, requests: readonly Ruled[]): EnforceableSubject | undefined {
  const { type, id } = finding.subject;
  if (type === 'address') return { type, id };
  if ((type === 'actor' || type === 'credential') && finding.verified) return { type, id };
  const claims = requests.filter(({ actor, authenticated }) => type === 'actor' && actor === id && !authenticated);
  const credential = onlyCredential(claims);
  if (credential !== undefined) return { type: 'credential', id: credential };
  const [address, ...others] = finding.addresses ?? [];
  return address !== undefined && others.length === 0 ? { type: 'address', id: address } : undefined;
}

/** The credential that all of these requests carried. */
function onlyCredential(claims: readonly Ruled[]): string | undefined {
  const credential = claims[0]?.credential;
  return claims.every((log) => log.credential === credential) ? credential : undefined;
}
