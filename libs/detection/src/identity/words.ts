/** How a stolen token and a taken account are told. */
import type { Excess, Words } from '../excess.js';
import { amount, short } from '../explain.js';
import { TURN_SECONDS } from './constants.js';
import type { Share } from './habits.js';
import type { Stay } from './stay.js';

export interface Told {
  actor: string;
  stay: Stay;
  ts: number;
  observed: number;
  limit: number;
  /** Evidence over the line that decides. */
  surprise: number;
  /** What everyone's sessions show of it, and the account's own. */
  share: Share;
  ownSessions: number;
}

const evidenceOf = ({ share, ownSessions }: Told) => ({
  own: ownSessions,
  population: share.sessions,
  weight: ownSessions / (ownSessions + share.sessions + 1),
});

const score = ({ surprise }: Told) => 1 - 2 ** -Math.max(1, surprise);

const percent = (share: number) => `${amount(100 * share)} %`;
const word = (count: number, one: string, many: string) => `${amount(count)} ${count === 1 ? one : many}`;

const known = ({ share, sessions }: Share) =>
  sessions >= 1
    ? `${percent(share)} of ${amount(Math.round(sessions))} sessions here do`
    : `${percent(share)} of sessions are assumed to`;

/** What both have in common: nothing of it is expected, and no throttle holds who is in. */
const frameOf = (told: Told) => ({
  endpoint: null,
  where: '',
  observed: told.observed,
  expected: 0,
  limit: told.limit,
  score: score(told),
  evidence: evidenceOf(told),
  verified: true,
  rate: null,
  requests: 1,
  opening: Math.max(1, told.stay.requests),
});

/** How a sentence about a credential names its owner: the one place where a sentence names an actor that is not its subject. */
export const credentialOf = (actor: string): string => `One credential of ${short(actor)} went`;

/** The expectation is that nobody takes turns. */
export function theftExcess(told: Told): Excess {
  const { actor, stay, observed, limit } = told;
  // Where no actor is named, the credential stands for itself.
  const named = actor !== stay.credential;
  const addresses = [...new Set([stay.owner, stay.address])].filter((address) => address !== '');
  return {
    kind: 'token-theft',
    subject: { type: 'credential', id: stay.credential },
    ...frameOf(told),
    unit: 'turns',
    windowSeconds: TURN_SECONDS,
    words: (clear): Words => ({
      explanation:
        `${named ? credentialOf(actor) : 'One credential went'} ${word(observed, 'time', 'times')} to and fro between ` +
        `${addresses.join(' and ')} and two devices, the second of them new to ${named ? 'the account' : 'it'}; ${known(told.share)} share one; at ${amount(Math.floor(clear))} or ` +
        'fewer there would be no alert.',
      signals: [{ name: 'turns of owner and stranger', observed, expected: 0, score: score(told) }],
      points: [{ ts: told.ts, observed, expected: 0, limit }],
      ...(named ? { actors: [actor] } : {}),
      addresses,
    }),
  };
}

/** The expectation is that a new device and network use what the account always uses. */
export function takeoverExcess(told: Told): Excess {
  const { actor, stay, observed, limit } = told;
  const device = stay.device === 0 ? 'a network' : 'a device and network';
  return {
    kind: 'account-takeover',
    subject: { type: 'actor', id: actor },
    ...frameOf(told),
    unit: 'endpoints foreign to the account',
    windowSeconds: 3600,
    words: (clear): Words => ({
      explanation:
        `${word(observed, 'endpoint', 'endpoints')} that ${short(actor)} hardly ever uses (${stay.names.map(short).join(', ')}), from ` +
        `${short(stay.address)}, ${device} new to it (${known(told.share)} show one; its own history: ` +
        `${word(Math.round(told.ownSessions), 'session', 'sessions')}); at ${amount(Math.floor(clear))} or fewer there would be no alert.`,
      signals: [{ name: 'endpoints foreign to the account', observed, expected: 0, score: score(told) }],
      points: [{ ts: told.ts, observed, expected: 0, limit }],
      actors: [actor],
      addresses: [stay.address],
    }),
  };
}
