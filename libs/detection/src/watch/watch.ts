/**
 * Stage two for addresses and accounts: kinds `auth-failures`, `credential-stuffing` and `probing`. Limits are fixed (what
 * a person does, see constants) and widened by success: an office signs in as often as it mistypes, a crawler finds more
 * than it misses. Behind each limit stands the same predictive distribution as for rates, geometric here, so that scores
 * compare across kinds.
 */
import type { Accuser } from '../accuser.js';
import { VALUE_HALF_LIFE_SECONDS } from '../constants.js';
import type { ActorContribution, AddressContribution } from '../contribution.js';
import { Roster } from '../entities/roster.js';
import type { Finding } from '../finding.js';
import type { Rules } from '../rules.js';
import { countOf } from '../statistics/tallies.js';
import { excessesOf, type WatchKind, type WatchOver } from './watch-limits.js';
import { watchExcess } from './watch-words.js';
import { absorbInto, forgiveFailures, forgiveMisses, newWatched, readWatched, type Watched } from './watched.js';

export class Watch {
  evicted = 0;
  readonly #accuser: Accuser;
  readonly #slotOf = new Map<string, number>();
  readonly #entities: (Watched | undefined)[] = [];
  readonly #keys: string[] = [];
  readonly #free: number[] = [];
  readonly #roster: Roster;
  readonly #capacity: number;
  readonly #dirty = new Set<string>();
  readonly #gone = new Set<string>();
  #second = 0;

  constructor(capacity: number, accuser: Accuser) {
    this.#capacity = capacity;
    this.#accuser = accuser;
    this.#roster = new Roster(capacity, {
      seenAgain: (slot) => this.#seenAgain(slot),
      value: (slot) => this.#value(slot),
      pinned: (slot) => this.#pinned(slot),
    });
  }

  get size(): number {
    return this.#slotOf.size;
  }

  /** Takes one contribution in and says what it leads to: assess and learn in one, since nothing here is a baseline. */
  absorb(contribution: AddressContribution | ActorContribution, rules: Rules): Finding[] {
    const watched = this.#entityOf(contribution);
    this.#second = Math.max(this.#second, contribution.second);
    const told = absorbInto(watched, contribution);
    this.#dirty.add(keyOf(watched));
    const findings: Finding[] = [];
    for (const excess of excessesOf(watched, told, contribution.second, rules.about(watched, watched.endpoint).sensitivity)) {
      if (excess.kind === 'auth-failures' && this.#isOpen(watched, 'credential-stuffing')) continue;
      const finding = this.#say(watched, excess, contribution, rules);
      if (finding) findings.push(finding);
    }
    return findings;
  }

  /**
   * A finding has ended: what led to it is forgotten, so that whoever comes next from the same address (an office) is not
   * accused of it for the rest of the hour. Who goes on is found again by the same limits.
   */
  pardon({ kind, service, subject, historical }: Finding): void {
    const type = subject.type === 'actor' ? 'actor' : 'address';
    const watched = this.#entities[this.#slotOf.get(keyOf({ service, type, id: subject.id, past: historical })) ?? -1];
    if (!watched) return;
    if (kind === 'probing') forgiveMisses(watched);
    else forgiveFailures(watched);
    this.#dirty.add(keyOf(watched));
  }

  takeChanges(put: (key: string, state: unknown) => void, remove: (key: string) => void): void {
    for (const key of this.#gone) if (!this.#slotOf.has(key)) remove(key);
    for (const key of this.#dirty) {
      const watched = this.#entities[this.#slotOf.get(key) ?? -1];
      if (watched) put(key, watched);
    }
    this.#dirty.clear();
    this.#gone.clear();
  }

  /** False where it was stored in a form that is read no more. */
  load(state: object): boolean {
    const watched = readWatched(state);
    if (!watched) return false;
    const known = this.#slotOf.get(keyOf(watched));
    if (known !== undefined) this.#entities[known] = watched;
    else this.#add(watched);
    return true;
  }

  #say(watched: Watched, over: WatchOver, contribution: AddressContribution | ActorContribution, rules: Rules) {
    const last = contribution.samples.at(-1);
    const ts = last?.ts ?? contribution.second * 1000;
    const occasion = { service: watched.service, ts, logId: last?.id ?? '', past: watched.past };
    const charge = this.#accuser.judge(watchExcess(watched, over, ts), occasion, rules.about(watched, watched.endpoint));
    if (charge) this.#accuser.note(charge);
    return charge?.finding;
  }

  #isOpen(watched: Watched, kind: WatchKind): boolean {
    return this.#accuser.isOpen(kind, watched, watched.type, watched.id);
  }

  #entityOf(contribution: AddressContribution | ActorContribution): Watched {
    const { service, entity, id, historical } = contribution;
    const known = this.#entities[this.#slotOf.get(keyOf({ service, type: entity, id, past: historical })) ?? -1];
    return known ?? this.#add(newWatched(contribution));
  }

  #add(watched: Watched): Watched {
    if (this.#slotOf.size >= this.#capacity) this.#evict(this.#roster.victim());
    const slot = this.#free.pop() ?? this.#entities.length;
    const key = keyOf(watched);
    this.#entities[slot] = watched;
    this.#keys[slot] = key;
    this.#slotOf.set(key, slot);
    this.#roster.admit(slot);
    return watched;
  }

  #evict(slot: number): void {
    const key = this.#keys[slot];
    if (key === undefined) return;
    this.#slotOf.delete(key);
    this.#entities[slot] = undefined;
    this.#free.push(slot);
    this.#dirty.delete(key);
    this.#gone.add(key);
    this.evicted += 1;
  }

  #seenAgain(slot: number): boolean {
    const watched = this.#entities[slot];
    return watched !== undefined && Math.floor(watched.second / 60) > watched.firstMinute;
  }

  #value(slot: number): number {
    const watched = this.#entities[slot];
    if (!watched) return 0;
    const events = countOf(watched.failures, watched.second) + watched.paths.length + watched.partners.length;
    return (1 + events) * 2 ** (-Math.max(0, this.#second - watched.second) / VALUE_HALF_LIFE_SECONDS);
  }

  #pinned(slot: number): boolean {
    const watched = this.#entities[slot];
    if (!watched) return false;
    return (['auth-failures', 'credential-stuffing', 'probing'] as const).some((kind) => this.#isOpen(watched, kind));
  }
}

function keyOf({ service, type, id, past }: Pick<Watched, 'service' | 'type' | 'id' | 'past'>): string {
  return JSON.stringify([service, type, id, past ? 1 : 0]);
}
