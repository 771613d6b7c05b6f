/**
 * The policies that are part of Plimsoll: what each role may do, and what nobody may whatever the customer's own policies
 * permit. They live here, apart from those, and no operation changes them. A forbid wins over every permit, so that the
 * walls cannot be opened by adding policies. Each must be caught by the golden matrix when any part of it is changed
 * (`npm run mutate:policies`).
 */

import { SELF_SERVICE } from '@plimsoll/contracts';

/** Above it nothing may be changed nor taken away, whoever asks: something critical is open, and more than a hint of it. */
export const MAX_RISK = 80;
/** From it on every change needs a proof of presence: something high is open (libs/detection/src/risk.ts). */
export const HIGH_RISK = 50;
/** How old a proof of presence may be for a dangerous deed. */
export const STEP_UP_SECONDS = 300;
/** Subjects that one person may hit, this time and in the last ten minutes, before presence must be proved. */
export const MANY_SUBJECTS = 20;

export const platformPolicies: Readonly<Record<string, string>> = {
  'platform.own-session': `permit (principal, action in Action::"own", resource);`,

  'platform.viewers-read': `permit (principal, action in Action::"read", resource)
when { ["analyst", "viewer"].contains(principal.role) };`,

  'platform.analysts-operate': `permit (principal, action in Action::"operate", resource)
when { principal.role == "analyst" };`,

  'platform.owners-do-all': `permit (principal, action, resource)
when { principal.role == "owner" };`,

  'platform.keys-read': `permit (
  principal,
  action in [
    Action::"alert.read",
    Action::"decision.read",
    Action::"dry-run.read",
    Action::"traffic.read",
    Action::"service.read",
    Action::"history.read",
    Action::"history.export",
    Action::"backtest.read"
  ],
  resource
)
when { principal.role == "key" };`,

  'platform.keys-only-read': `forbid (principal, action, resource)
when { principal.role == "key" }
unless { action in Action::"read" };`,

  'platform.wall': `forbid (principal, action, resource)
when { resource has service }
unless {
  principal.everyTeam ||
  principal.teams.contains(resource.team) ||
  principal.services.contains(resource.service)
};`,

  'platform.installation-is-for-all-teams': `forbid (principal, action in [Action::"manage", Action::"oversee"], resource is Installation)
unless { principal.everyTeam };`,

  'platform.risk': `forbid (
  principal,
  action in [Action::"change", Action::"dangerous"],
  resource
)
when { context.risk > ${MAX_RISK} };`,

  'platform.step-up-at-risk': `forbid (principal, action in Action::"change", resource)
when { context.risk >= ${HIGH_RISK} }
unless {
  context.userVerified &&
  context has stepUpAgeSeconds &&
  context.stepUpAgeSeconds < ${STEP_UP_SECONDS}
};`,

  'platform.own-watch': `forbid (principal, action, resource)
when { resource has service && resource.service == "${SELF_SERVICE}" }
unless { principal.role == "owner" && principal.everyTeam };`,

  'platform.own-watch-stays': `forbid (
  principal,
  action in [
    Action::"key.create",
    Action::"key.update",
    Action::"key.revoke",
    Action::"decision.make",
    Action::"service.weaken",
    Action::"service.allow"
  ],
  resource
)
when { resource.service == "${SELF_SERVICE}" };`,

  'platform.step-up': `forbid (principal, action in Action::"dangerous", resource)
when { principal.passkeys > 0 }
unless {
  context.userVerified &&
  context has stepUpAgeSeconds &&
  context.stepUpAgeSeconds < ${STEP_UP_SECONDS}
};`,

  'platform.step-up-for-many': `forbid (principal, action in Action::"change", resource)
when { principal.passkeys > 0 && context.subjects > ${MANY_SUBJECTS} }
unless {
  context.userVerified &&
  context has stepUpAgeSeconds &&
  context.stepUpAgeSeconds < ${STEP_UP_SECONDS}
};`,

  'platform.link-only': `forbid (principal, action, resource)
when { principal.passkeys > 0 && !context.amr.contains("passkey") }
unless { action in Action::"enrol" };`,
};

/** Beside the others while the customer's own policies cannot be loaded, and what they forbid is not known. */
export const mendingPolicies: Readonly<Record<string, string>> = {
  'platform.mending': `forbid (principal, action, resource)
unless {
  action in Action::"own" ||
  (principal.role == "owner" && [Action::"access-policy.read", Action::"access-policy.save", Action::"access-policy.simulate"].contains(action))
};`,
};

/** What each is for, in the console. */
export const platformSays: Readonly<Record<string, string>> = {
  'platform.own-session': 'Everybody may look after the own sessions and passkeys.',
  'platform.viewers-read': 'Analysts and viewers see traffic, alerts, decisions, services and policies.',
  'platform.analysts-operate': 'Analysts work with alerts and decisions.',
  'platform.owners-do-all': 'Owners may do everything that no policy forbids.',
  'platform.keys-read': 'API keys with the scope admin:read see alerts, decisions, traffic and history of their service.',
  'platform.keys-only-read': 'An API key changes nothing, whatever is permitted.',
  'platform.wall':
    'A service and all that stands in it is for its team, for who may see every team, and for who was given that service.',
  'platform.installation-is-for-all-teams': 'What concerns the whole installation is managed by owners of every team alone.',
  'platform.risk': `Who is at a risk above ${MAX_RISK} changes nothing and takes nothing away.`,
  'platform.step-up-at-risk': `At a risk from ${HIGH_RISK} on every change needs a proof of presence, as dangerous actions always do.`,
  'platform.own-watch': 'What Plimsoll finds in its own console is for owners of every team, as the audit is.',
  'platform.own-watch-stays':
    'The watch over the console takes logs from the console alone, holds nobody back, exempts nobody, and cannot be switched off.',
  'platform.step-up': `Dangerous actions need a proof of presence, with the person verified, of less than ${STEP_UP_SECONDS} seconds.`,
  'platform.step-up-for-many': `So does what hits more than ${MANY_SUBJECTS} users, addresses and credentials within ten minutes.`,
  'platform.link-only': 'Who has passkeys and came by a link or a code may make a passkey, and nothing else.',
};
