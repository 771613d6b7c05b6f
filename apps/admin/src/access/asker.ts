/** Who asks, as the policy sees it: the person's attributes, and the circumstances of this very call. */
import type { AccessPrincipal, AccessRequest } from '@plimsoll/contracts';
import { plainAddress } from '@plimsoll/storage';
import type { Principal } from '../auth/admission.js';
import type { Question } from './resources.js';

/** Who asks, and whence. */
export interface Asker extends Principal {
  address: string;
  /** When presence was proved for this very deed and body, milliseconds. */
  steppedUpAt?: number;
}

const secondsSince = (at: number, now: number): number => Math.max(0, Math.floor((now - at) / 1000));

type Who = Pick<Asker, 'person' | 'attributes' | 'passkeys' | 'deviceBound'>;
export const principalOf = ({ person, attributes, passkeys, deviceBound }: Who): AccessPrincipal => ({
  id: person.id,
  role: person.role,
  ...attributes,
  passkeys,
  deviceBound,
});

/** An address that is none stays as it is: the policy cannot read it, and denies. */
export function requestOf(asker: Asker, { action, resource, subjects = 0 }: Question, risk: number, now: number): AccessRequest {
  const { address, amr, acr, authAt, steppedUpAt } = asker;
  return {
    principal: principalOf(asker),
    action,
    resource,
    context: {
      risk,
      authAgeSeconds: secondsSince(authAt, now),
      ...(steppedUpAt === undefined ? {} : { stepUpAgeSeconds: secondsSince(steppedUpAt, now) }),
      userVerified: acr === 'aal2',
      amr: [amr],
      address: plainAddress(address) ?? address,
      time: now,
      subjects,
    },
  };
}
