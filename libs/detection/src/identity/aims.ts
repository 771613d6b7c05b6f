/**
 * What an endpoint is good for to somebody in another's account. Said in the settings, else by the words of its path:
 * credentials and ways to get in, money, and data in bulk. Signing in and renewing a session are nobody's aim.
 */
import { classOf, type Endpoint } from '../entities/endpoints.js';
import type { Rules } from '../rules.js';
import type { Aim } from './constants.js';
import { fingerprint } from './fingerprint.js';

const SENSITIVE =
  /(?:^|[-_./:])(?:pass(?:word|wd|phrase|code|key)s?|pwd|e-?mails?|phones?(?:-?numbers?)?|[m2]fa|totp|two-?factor|recovery|backup-?codes?|secrets?|(?:api|access|ssh|signing)?-?_?keys?|(?:access|api|personal)?-?_?tokens?|credentials?|oauth|webhooks?|exports?|takeout|dumps?|payments?(?:-?methods?)?|payouts?|payees?|beneficiar(?:y|ies)|recipients?|transfers?|withdraw(?:als?)?|refunds?|iban|bank(?:-?accounts?)?|cards?|wallets?|admins?|roles?|permissions?|grants?|invit(?:e|es|ations?)|delegat(?:e|es|ions?)|impersonat(?:e|ion))(?:$|[-_./:])/i;
/** Worth a thief's while if it is only read. */
const SECRET =
  /(?:^|[-_./:])(?:recovery|backup-?codes?|secrets?|(?:api|access|ssh|signing)?-?_?keys?|(?:access|api|personal)?-?_?tokens?|credentials?|exports?|takeout|dumps?)(?:$|[-_./:])/i;
const ENTRANCE =
  /(?:^|[-_./])(?:log-?(?:in|out|on|off)|sign-?(?:in|out|on|up)|session|refresh|renew|revoke|verify|validate|introspect)(?:$|[-_./])/i;
const SPLIT_CAMEL = /([a-z0-9])([A-Z])/g;

export function aimOf(endpoint: string, said: boolean | undefined): Aim {
  const [method = '', path = ''] = endpoint.split(' ', 2);
  const changes = isChange(method);
  if (said !== undefined) return said ? (changes ? 'sensitive change' : 'sensitive reading') : changes ? 'change' : 'none';
  const kind = classOf(endpoint);
  const words = path.replace(SPLIT_CAMEL, '$1-$2');
  if (kind === 'sign-in' || kind === 'mixed' || kind === 'asset' || ENTRANCE.test(words)) return 'none';
  if (changes) return SENSITIVE.test(words) ? 'sensitive change' : 'change';
  return method === 'GET' && SECRET.test(words) ? 'sensitive reading' : 'none';
}

export const isChange = (method: string) => method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';

export interface Mark {
  print: number;
  aim: Aim;
}

/** Where people sign in, also where that was learnt. */
const ENTERING: Mark = { print: 0, aim: 'none' };

/** By the endpoint's index, for one compiled settings object. */
export class Aims {
  #rules: Rules | undefined;
  #marks: (Mark | undefined)[] = [];

  of({ index, name, signIn }: Endpoint, rules: Rules): Mark {
    if (rules !== this.#rules) {
      this.#rules = rules;
      this.#marks = [];
    }
    if (signIn) return ENTERING;
    const known = this.#marks[index];
    if (known) return known;
    const mark = this.named(name, rules);
    this.#marks[index] = mark;
    return mark;
  }

  named(name: string, rules: Rules): Mark {
    return { print: fingerprint(name), aim: aimOf(name, rules.sensitive(name)) };
  }
}
