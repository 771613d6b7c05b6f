/**
 * The platform policies once more, written from their description in docs/access-policy.md without Cedar: what the engine
 * decides is compared with this. It shares no code with the policies, not even the numbers.
 */
import { type AccessRequest, accessActionOf } from '../../libs/contracts/src/index.js';

const BY_ROLE: Record<string, readonly string[]> = {
  owner: ['own', 'read', 'oversee', 'operate', 'manage'],
  analyst: ['own', 'read', 'operate'],
  viewer: ['own', 'read'],
};
const BY_KEY = /^(alert|decision|dry-run|traffic|service|backtest)\.read$|^history\./;

export function allows({ principal, action, resource, context }: AccessRequest): boolean {
  const { kind, dangerous = false, enrols = false } = accessActionOf(action);
  if (principal.role === 'key') {
    if (!BY_KEY.test(action)) return false;
  } else if (!(BY_ROLE[principal.role] ?? ['own']).includes(kind)) return false;
  if ('service' in resource) {
    const inTeam = principal.everyTeam || principal.teams.includes(resource.team);
    if (!inTeam && !principal.services.includes(resource.service)) return false;
    if (resource.service === 'plimsoll-admin') {
      if (principal.role !== 'owner' || !principal.everyTeam) return false;
      if (['key.create', 'key.update', 'key.revoke', 'decision.make', 'service.weaken', 'service.allow'].includes(action))
        return false;
    }
  } else if ((kind === 'manage' || kind === 'oversee') && !principal.everyTeam) return false;
  const changes = kind === 'operate' || kind === 'manage';
  if ((changes || dangerous) && context.risk >= 81) return false;
  const age = context.stepUpAgeSeconds ?? Number.POSITIVE_INFINITY;
  const proved = context.userVerified && age <= 299;
  if (changes && context.risk > 49 && !proved) return false;
  if (principal.passkeys === 0) return true;
  if (!context.amr.includes('passkey') && !enrols) return false;
  return proved || (!dangerous && !(changes && context.subjects >= 21));
}
