/** The two questions about a stranger in an account: does he share the owner's credential, and does he go for what pays? */
import type { Excess } from '../excess.js';
import type { Rules } from '../rules.js';
import type { Visit } from '../visit.js';
import type { Aims } from './aims.js';
import { FARM_PLACES, LEAST_TURNS, LINE, PRIOR_SESSIONS, PROBATION_SECONDS, SHARED_MOST, TURN_EVIDENCE } from './constants.js';
import type { Habits } from './habits.js';
import type { Profile } from './profile.js';
import { type Stay, turnsWith } from './stay.js';
import { takeoverExcess, theftExcess } from './words.js';

export interface Sight {
  profile: Profile;
  stay: Stay;
  visit: Visit;
  /** Factor of LINE. */
  line: number;
  /** The request is the stranger's, or the owner's. */
  strange: boolean;
  owner: boolean;
}

export class Suspicion {
  readonly #habits: Habits;
  readonly #aims: Aims;

  constructor(habits: Habits, aims: Aims) {
    this.#habits = habits;
    this.#aims = aims;
  }

  /** One credential in two hands: told at the stranger's requests, and at the owner's turns. */
  theft({ profile, stay, visit, line, strange, owner }: Sight): Excess | undefined {
    const { log, second, service } = visit;
    if (stay.credential === '' || stay.credential !== log.credential || !(strange || owner)) return undefined;
    if (owner && !stay.strangers) return undefined;
    const turns = turnsWith(stay, strange, second);
    if (turns <= LEAST_TURNS || profile.places.countSince(second - PROBATION_SECONDS) >= FARM_PLACES) return undefined;
    const share = this.#habits.shareOf(service, 'shared', 0, 0);
    if (share.sessions >= PRIOR_SESSIONS && share.share > SHARED_MOST) return undefined;
    const base = -Math.log(share.share) - Math.log(this.#strangeness(profile, stay, service).share);
    const limit = Math.max(LEAST_TURNS, 1 + Math.floor((LINE * line - base) / TURN_EVIDENCE));
    if (turns <= limit) return undefined;
    const surprise = (base + TURN_EVIDENCE * (turns - 1)) / (LINE * line);
    const ownSessions = profile.judged;
    return theftExcess({ actor: profile.source.id, stay, ts: log.ts, observed: turns, limit, surprise, share, ownSessions });
  }

  /** New endpoints, sensitive ones foremost, from who is new himself. */
  takeover({ profile, stay, visit, line, strange }: Sight, rules: Rules): Excess | undefined {
    if (!strange) return undefined;
    const { service, log, second, name, endpoint } = visit;
    const { print, aim } = endpoint ? this.#aims.of(endpoint, rules) : this.#aims.named(name, rules);
    const fresh = aim !== 'none' && log.status < 500 && !stay.marks.includes(print);
    const own = { uses: profile.usesOf(print), sessions: profile.sessions };
    const more = fresh ? this.#habits.evidenceOf({ service, name }, aim, second, own) : 0;
    const count = stay.marks.length + (more > 0 ? 1 : 0);
    if (count < 2) return undefined;
    const share = this.#strangeness(profile, stay, service);
    // Who does more comes by more: shares are those of a session of usual length.
    const length = Math.max(1, (stay.requests * profile.sessions) / profile.requests);
    const surprise = (stay.evidence + more - count * Math.log(length) - Math.log(share.share)) / (LINE * line);
    if (surprise <= 1) return undefined;
    const limit = stay.crossedAt >= 0 ? stay.crossedAt : count - 1;
    const told = more > 0 ? { ...stay, names: [...stay.names, name].slice(0, stay.names.length + 1) } : stay;
    return takeoverExcess({
      actor: profile.source.id,
      stay: told,
      ts: log.ts,
      observed: count,
      limit,
      surprise,
      share,
      ownSessions: profile.judged,
    });
  }

  #strangeness({ strangers, judged }: Profile, { device }: Stay, service: string) {
    return device === 0
      ? this.#habits.shareOf(service, 'place', 0, 0)
      : this.#habits.shareOf(service, 'stranger', strangers, judged);
  }
}
