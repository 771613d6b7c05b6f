/**
 * What the console offers a person: the actions that the policy would allow once presence is proved. The page hides or disables
 * by this list alone and decides nothing itself; what it calls is decided anew. Of alerts and decisions a common one stands for
 * all, so that a finer policy may still refuse one.
 */
import {
  type AccessActionName,
  type AccessResource,
  accessActionNames,
  accessActionOf,
  type ResourceClass,
  type Service,
} from '@plimsoll/contracts';
import type { AccessPolicy } from './access-policy.js';
import type { Asker } from './asker.js';
import { alertClass, decisionClass, INSTALLATION, keyResource, serviceResource } from './resources.js';

/** Services that are looked at for one that an action is allowed on. */
const MAX_LOOKED_AT = 50;

const common: Record<Exclude<ResourceClass, 'Installation'>, (service: Service) => AccessResource> = {
  Service: serviceResource,
  Key: keyResource,
  Alert: (service) =>
    alertClass(service, { service: service.id, kind: 'rate', severity: 'high', state: 'open', subjectType: 'actor' }),
  Decision: (service) => decisionClass(service, { action: 'block', mode: 'enforced', subjectType: 'actor', byPerson: true }),
};

/** In a service. */
export function offersIn(policy: AccessPolicy, asker: Asker, service: Service): AccessActionName[] {
  return accessActionNames.filter((action) => {
    const { on } = accessActionOf(action);
    return on !== 'Installation' && policy.offers(asker, { action, resource: common[on](service) });
  });
}

/** In the installation, or in one of its services at least; a new service of the default team is one of them. */
export function offersAnywhere(policy: AccessPolicy, asker: Asker, services: readonly Service[]): AccessActionName[] {
  return accessActionNames.filter((action) => {
    const { on } = accessActionOf(action);
    if (on === 'Installation') return policy.offers(asker, { action, resource: INSTALLATION });
    return [...services.slice(0, MAX_LOOKED_AT), ...placesOf(asker)].some((service) =>
      policy.offers(asker, { action, resource: common[on](service) }),
    );
  });
}

/** Where the person could make its first service. */
const placesOf = ({ attributes }: Asker): Service[] => {
  const teams = attributes.everyTeam ? ['default'] : attributes.teams.slice(0, 5);
  return teams.map((team) => ({ id: 'new', team, environment: 'production', policy: 'block', dryRun: true }) as Service);
};
