/** Which attacks there are, by kind; each is played in every form. */
import type { AlertKind } from '@plimsoll/contracts';
import * as intent from './attacks-intent.js';
import * as volume from './attacks-volume.js';
import { ATTACKS } from './parameters.js';
import type { Play } from './scene.js';

export interface Attack {
  kind: AlertKind;
  variant: string;
  play: Play;
  /** Never seen before: actor or address. */
  cold: boolean;
  seconds: number;
  /** It shows in a size, a duration or a token alone, which bare logs do not tell. */
  full?: boolean;
}

const warm = (kind: AlertKind, variant: string, play: Play, seconds: number): Attack => ({
  kind,
  variant,
  play,
  seconds,
  cold: false,
});
const cold = (attack: Attack): Attack => ({ ...attack, cold: true });

const burst = warm('rate', 'burst', volume.burst, ATTACKS.burst.seconds);
const sustained = warm('rate', 'sustained', volume.sustained, ATTACKS.sustained.seconds);
const silent = warm('enumeration', 'silent', volume.silentEnumeration, ATTACKS.enumeration.seconds);
const denied = warm('enumeration', 'denied', volume.deniedEnumeration, ATTACKS.enumeration.seconds);
const scraping = warm('scraping', 'actor', volume.scrapingActor, ATTACKS.scraping.seconds);
const full = (attack: Attack): Attack => ({ ...attack, full: true });

const exfiltration = full(warm('exfiltration', 'downloads', volume.exfiltration, ATTACKS.exfiltration.seconds));

export const ALL: readonly Attack[] = [
  burst,
  sustained,
  warm('rate', 'thirtyfold', volume.thirtyfold, ATTACKS.thirtyfold.seconds),
  warm('drift', 'climb', volume.drift, ATTACKS.drift.hours * 3600),
  cold(warm('auth-failures', 'password', intent.guessing, ATTACKS.guessing.seconds)),
  cold(warm('auth-failures', 'slow', intent.slowGuessing, ATTACKS.slowGuessing.seconds)),
  cold(warm('auth-failures', 'code', intent.codes, ATTACKS.codes.seconds)),
  cold(warm('auth-failures', 'distributed', intent.distributedGuessing, ATTACKS.distributedGuessing.seconds)),
  cold(warm('credential-stuffing', 'address', intent.stuffing, ATTACKS.stuffing.seconds)),
  cold(warm('credential-stuffing', 'campaign', intent.campaign, ATTACKS.campaign.seconds)),
  silent,
  denied,
  scraping,
  cold(warm('scraping', 'address', volume.scrapingAddress, ATTACKS.scraping.seconds)),
  cold(warm('probing', 'scan', intent.probing, ATTACKS.probing.seconds)),
  cold(warm('probing', 'slow', intent.slowProbing, ATTACKS.slowProbing.seconds)),
  exfiltration,
  full(warm('token-theft', 'token', intent.theft, ATTACKS.theft.seconds)),
  warm('account-takeover', 'sensitive', intent.takeover, ATTACKS.takeover.seconds),
  warm('sequence', 'skipped', intent.skipped, ATTACKS.skipped.seconds),
  warm('sequence', 'repeated', intent.repeated, ATTACKS.repeated.seconds),
  cold(warm('flood', 'addresses', volume.flood, ATTACKS.flood.seconds)),
  warm('endpoint-health', 'errors', volume.errors, ATTACKS.errors.seconds),
  full(warm('endpoint-health', 'slowness', volume.slowness, ATTACKS.slowness.seconds)),
  cold({ ...burst, variant: 'burst-newcomer' }),
  cold({ ...sustained, variant: 'sustained-newcomer' }),
  cold({ ...silent, variant: 'silent-newcomer' }),
  cold({ ...denied, variant: 'denied-newcomer' }),
  cold({ ...scraping, variant: 'actor-newcomer' }),
  cold({ ...exfiltration, variant: 'downloads-newcomer' }),
];

/** Kinds that are a fitting name for what happened; the first is the right one, others are neighbours of it. */
export const FITTING: Record<AlertKind, readonly AlertKind[]> = {
  rate: ['rate'],
  drift: ['drift', 'rate'],
  'auth-failures': ['auth-failures'],
  'credential-stuffing': ['credential-stuffing'],
  enumeration: ['enumeration', 'scraping'],
  scraping: ['scraping', 'enumeration'],
  probing: ['probing'],
  exfiltration: ['exfiltration'],
  'token-theft': ['token-theft', 'account-takeover'],
  'account-takeover': ['account-takeover', 'token-theft'],
  sequence: ['sequence'],
  flood: ['flood'],
  'endpoint-health': ['endpoint-health'],
};
