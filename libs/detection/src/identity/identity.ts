/**
 * Kinds `token-theft` and `account-takeover`: somebody else in an account. Natural logarithms of how much likelier a thief
 * is than the owner are summed, and what is beyond LINE (one session in a hundred thousand) is told.
 *
 *   stranger    a device (user agent) and a network (/24, /48) that are both new to an account with a history; where no user
 *               agent is told, the network alone       -ln share of sessions that show one: everyone's, then the account's own
 *   takeover    + for each endpoint   ln(share of thieves / share of sessions that use it, everyone's and then the account's own),
 *               by what it is good for (aims.ts), less where the stay is long;
 *               from two endpoints on
 *   theft       - ln share of sessions in which one credential goes from one device and network to another and back
 *               + ln 10 for each turn of owner and stranger on the same credential after the first; from three turns on.
 *               Silent where sharing is the service's way, and of farms of machines
 *
 * State: a profile an account (profile.ts), bounded by the keeper. What everyone does: habits.ts. What was alerted stays
 * new for a day, or until a person says that all is well.
 */
import type { RequestLog, VerdictReport } from '@plimsoll/contracts';
import { PLAIN_SENSITIVITY } from '../constants.js';
import type { Contribution } from '../contribution.js';
import type { Detector } from '../detector.js';
import type { Source } from '../entities/sources.js';
import type { Excess } from '../excess.js';
import type { Commons } from '../objects/norms.js';
import type { Rules, Tuning } from '../rules.js';
import type { Seen, Visit } from '../visit.js';
import { Aims } from './aims.js';
import {
  MAX_PROFILES,
  MAX_USED,
  PROBATION_SECONDS,
  SESSION_MOST_SECONDS,
  SESSION_PAUSE_SECONDS,
  TURN_SECONDS,
} from './constants.js';
import { fingerprint, networkOf } from './fingerprint.js';
import { Habits } from './habits.js';
import { Keeper } from './keeper.js';
import { Profile } from './profile.js';
import { addMark, newStay, type Stay, takeTurn } from './stay.js';
import { readProfile, storedProfile } from './stored-profile.js';
import { Suspicion } from './suspicion.js';

export class Identity implements Detector {
  readonly part = 'i';
  readonly #profiles: Keeper<Profile>;
  readonly #habits: Habits;
  readonly #aims = new Aims();
  readonly #suspicion: Suspicion;
  /** The visit judged last, where something was over. */
  #over: Visit | undefined;
  /** What was looked up for the visit judged last. */
  #judged: Visit | undefined;
  #profile: Profile | undefined;
  #same = false;
  /** Mixture of what was read ahead: kept, so that no compiler leaves the reading out. */
  #read = 0;

  constructor(commons: Commons, maxProfiles = MAX_PROFILES) {
    this.#habits = new Habits(commons);
    this.#suspicion = new Suspicion(this.#habits, this.#aims);
    this.#profiles = new Keeper(maxProfiles);
  }

  profileOf(source: Source): Profile | undefined {
    return this.#profiles.of(source);
  }

  read(visits: readonly Visit[]): void {
    for (const { source } of visits) {
      const profile = source?.type === 'actor' ? this.#profiles.of(source) : undefined;
      if (profile) this.#read ^= profile.requests ^ profile.breadth ^ (profile.stay?.since ?? profile.address.length);
    }
  }

  judge(visit: Visit, rules: Rules, tuning: Tuning): Excess | undefined {
    this.#over = undefined;
    const { source, log, second } = visit;
    const profile = source?.type === 'actor' ? this.#profiles.of(source) : undefined;
    this.#judged = visit;
    this.#profile = profile;
    this.#same = profile !== undefined && isSame(profile, log);
    const stay = profile?.stay; // The first request of a stranger proves nothing yet.
    if (!profile || !stay || !profile.isKnown(second)) return undefined;
    const place = networkOf(log.ip);
    const device = fingerprint(log.userAgent);
    const strange = profile.isStranger(place, device, second);
    if (strange && !isOf(stay, place, device)) return undefined;
    if (second - stay.since > PROBATION_SECONDS) return undefined;
    const line = tuning.sensitivity / PLAIN_SENSITIVITY;
    const sight = { profile, stay, visit, line, strange, owner: !strange && isOwner(stay, place, device) };
    const excess = this.#suspicion.theft(sight) ?? this.#suspicion.takeover(sight, rules);
    if (excess) this.#over = visit;
    return excess;
  }

  learn(seen: Seen, rules: Rules, charged: boolean): void {
    const { source, log, second } = seen;
    if (source.type !== 'actor' || log.verdict !== 'allow') return;
    const fresh = this.#judged !== seen || this.#profile?.source !== source || this.#profile.at < 0;
    this.#judged = undefined;
    const profile = (fresh ? this.#profiles.of(source) : this.#profile) ?? this.#profiles.add(new Profile(source, second));
    const same = fresh ? isSame(profile, log) : this.#same;
    if (second - profile.last > SESSION_PAUSE_SECONDS || second - profile.began > SESSION_MOST_SECONDS)
      this.#close(profile, second);
    profile.last = Math.max(profile.last, second);
    profile.requests += 1;
    this.#profiles.touch(profile);
    if (profile.stay && second - profile.stay.since > PROBATION_SECONDS) endStay(profile);
    let stay: Stay | undefined;
    if (profile.stay !== undefined || !same) stay = this.#enter(profile, log, second);
    else this.#hold(profile, log, second);
    this.#use(profile, seen, rules, stay, charged);
    if (!charged || this.#over !== seen || !profile.stay) return;
    const { place, device, marks } = profile.stay;
    if (profile.stay.crossedAt < 0) profile.stay.crossedAt = Math.max(1, marks.length - 1);
    profile.places.suspect(place, second);
    profile.devices.suspect(device, second);
  }

  takeContributions(): Contribution[] {
    return this.#habits.take();
  }

  /** What was said to be no attack is no news any more. A token is not looked up: its account's next alert tells. */
  heed({ kind, verdict }: VerdictReport, source: Source | undefined): void {
    const profile = source && this.#profiles.of(source);
    if (!profile || kind !== 'account-takeover' || verdict === 'true-positive') return;
    profile.places.trust();
    profile.devices.trust();
    if (profile.stay) profile.stay.crossedAt = -1;
    endStay(profile);
    this.#profiles.touch(profile);
  }

  forget(source: Source): void {
    this.#profiles.forget(source);
  }

  takeChanges(put: (source: Source, state: unknown) => void): void {
    for (const profile of this.#profiles.takeDirty()) put(profile.source, storedProfile(profile));
  }

  load(source: Source, state: unknown): void {
    const profile = readProfile(source, state);
    this.#profiles.forget(source);
    this.#profiles.add(profile);
  }

  /** What a session of a known account has shown is one more for everyone's habits. */
  #close(profile: Profile, second: number): void {
    const { service } = profile.source;
    if (profile.isKnown(second)) {
      this.#habits.note(service, second, 'stranger', profile.stranger);
      this.#habits.note(service, second, 'place', profile.moved);
      this.#habits.note(service, second, 'shared', profile.shared);
      profile.countSession();
    }
    profile.sessions += 1;
    profile.began = second;
    profile.stranger = false;
    profile.moved = false;
    profile.shared = false;
    profile.session.length = 0;
  }

  /** A request from elsewhere than the last one, or while a stranger is here. @returns the stay that it belongs to */
  #enter(profile: Profile, log: RequestLog, second: number): Stay | undefined {
    if (profile.place !== 0) profile.places.meet(profile.place, profile.last);
    if (profile.device !== 0) profile.devices.meet(profile.device, profile.last);
    const place = networkOf(log.ip);
    const device = fingerprint(log.userAgent);
    const strange = profile.isStranger(place, device, second);
    profile.moved ||= profile.places.isNew(place, second);
    profile.places.meet(place, second);
    if (device !== 0) profile.devices.meet(device, second);
    Object.assign(profile, { address: log.ip, agent: log.userAgent, place, device });
    const before = profile.holderOf(log.credential);
    const recent = before !== undefined && second - before.last <= TURN_SECONDS && isApart(before, place, device);
    const owner = before?.address ?? '';
    if (profile.hold(log, place, device, second)) profile.shared = true;
    const { stay } = profile;
    if (!strange) {
      if (stay && stay.credential === log.credential && isOwner(stay, place, device)) {
        stay.owner = log.ip;
        takeTurn(stay, false, second);
      }
      return undefined;
    }
    profile.stranger = true;
    if (!profile.isKnown(second)) return undefined;
    if (stay && isOf(stay, place, device)) {
      if (stay.credential !== '' && stay.credential === log.credential) takeTurn(stay, true, second);
      stay.requests += 1;
      stay.last = second;
      return stay;
    }
    if (stay && (stay.crossedAt >= 0 || stay.turns > 1)) return undefined;
    profile.stay = newStay(place, device, log.ip, second);
    profile.stay.requests = 1;
    if (log.credential !== undefined && device !== 0) Object.assign(profile.stay, { credential: log.credential, owner });
    if (recent) profile.stay.turns = 1;
    return profile.stay;
  }

  #hold(profile: Profile, log: RequestLog, second: number): void {
    const holder = profile.holderOf(log.credential);
    if (holder && holder.place === profile.place && holder.device === profile.device) holder.last = second;
    else if (log.credential !== undefined && profile.hold(log, profile.place, profile.device, second)) profile.shared = true;
  }

  #use(profile: Profile, { endpoint, log, second }: Seen, rules: Rules, stay: Stay | undefined, charged: boolean): void {
    const { print, aim } = this.#aims.of(endpoint, rules);
    profile.breadth |= 1 << (print & 31);
    if (aim === 'none' || log.status >= 500) return;
    if (!profile.session.includes(print)) {
      if (profile.session.length < MAX_USED) profile.session.push(print);
      if (!charged && profile.isKnown(second)) this.#habits.noteUse(endpoint.service, endpoint.name, second);
      if (!stay) profile.use(print);
    }
    if (!stay || stay.marks.includes(print)) return;
    const own = { uses: profile.usesOf(print), sessions: profile.sessions };
    const evidence = this.#habits.evidenceOf(endpoint, aim, second, own);
    if (evidence > 0) addMark(stay, print, endpoint.name, evidence);
  }
}

const isSame = ({ address, agent }: Profile, { ip, userAgent }: RequestLog) => address === ip && agent === userAgent;

/** The stranger may move on with the device; where none is told, the network is the stranger. */
const isOf = (stay: Stay, place: number, device: number) =>
  device !== 0 && stay.device !== 0 ? stay.device === device : stay.place === place;

const isApart = (other: { place: number; device: number }, place: number, device: number) =>
  other.place !== place && other.device !== device && other.device !== 0 && device !== 0;

const isOwner = isApart;

/** What an ordinary stranger used is the account's; what a thief did is not. */
function endStay(profile: Profile): void {
  const { stay } = profile;
  profile.stay = undefined;
  if (stay && stay.crossedAt < 0) for (const print of stay.marks) profile.use(print);
}
