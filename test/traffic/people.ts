/** People with an account: who they are is drawn once, by number, so that nothing needs to be kept for each of them. */
import { cumulated, type Service } from './catalogue.js';
import { DAY, HABITS, SHARES, type TrafficParameters } from './parameters.js';
import { Random, STREAM } from './random.js';
import { addressOf, type Client, NEIGHBOURHOOD, userAgentOf } from './wire.js';

export interface Person {
  number: number;
  actor: string;
  sessionsPerDay: number;
  pages: number;
  thinkSeconds: number;
  /** Own clock against UTC, hours. */
  shift: number;
  home: string;
  office: string | undefined;
  mobile: boolean;
  onTheRoad: boolean;
  secondDevice: boolean;
  syncing: boolean;
  oneTimeCode: boolean;
  /** Seconds between looks for notifications while a page is open; 0 for never. */
  pollSeconds: number;
  /** Milliseconds since the start of the run before which the person is unknown. */
  appearsAt: number;
}

/** Offices of one to a few hundred people, each behind one address. */
function officeOf(random: Random, users: number): string {
  const offices = Math.max(1, Math.round(users / 40));
  return addressOf(NEIGHBOURHOOD.office, random.popular(offices));
}

export function personOf({ seed, users, days, rhythm }: TrafficParameters, number: number): Person {
  const random = new Random(seed, STREAM.person, number);
  const mobile = random.chance(SHARES.mobile);
  return {
    number,
    actor: `user-${number}`,
    sessionsPerDay: random.lognormal(...HABITS.sessionsPerDay),
    pages: random.lognormal(...HABITS.pagesPerSession),
    thinkSeconds: random.lognormal(...HABITS.thinkSeconds),
    shift: rhythm === 'global' ? random.between(0, 24) : 1.5 * random.normal(),
    home: addressOf(NEIGHBOURHOOD.home, number),
    office: random.chance(SHARES.inOffice) ? officeOf(random, users) : undefined,
    mobile,
    onTheRoad: mobile && random.chance(SHARES.onTheRoad / SHARES.mobile),
    secondDevice: random.chance(SHARES.secondDevice),
    syncing: random.chance(SHARES.syncing),
    oneTimeCode: random.chance(SHARES.oneTimeCode),
    pollSeconds: random.pick([0, 0, 15, 30, 60]),
    appearsAt: random.chance(SHARES.newcomers) ? random.between(DAY, Math.max(DAY, days * DAY)) : 0,
  };
}

/** A carrier's addresses, each shared by many phones. */
export const carrierAddress = (random: Random, users: number) =>
  addressOf(NEIGHBOURHOOD.carrier, random.whole(0, 4 + Math.floor(users / 60)));

/** What the person sits at this time; the token is the device's, new each day. */
export function clientOf(person: Person, parameters: TrafficParameters, random: Random, atWork: boolean, day: number): Client {
  const { number, actor } = person;
  const device = person.secondDevice && random.chance(0.3) ? 1 : 0;
  const phone = person.mobile !== (device === 1);
  const desk = atWork && person.office !== undefined ? person.office : person.home;
  const ip = phone ? carrierAddress(random, parameters.users) : desk;
  const userAgent = userAgentOf(new Random(parameters.seed, STREAM.person, number, 1 + device));
  return { actor, ip, userAgent, credential: `token-${number}-${device}-${day}`, number };
}

/** The person's own taste in the service's pages, as cumulative weights. */
export function tasteOf({ pages }: Service, seed: number, number: number): number[] {
  const random = new Random(seed, STREAM.person, number, 7);
  return cumulated(pages.map(({ weight }) => weight * random.lognormal(1, HABITS.taste)));
}
