/**
 * Settings, compiled: what holds for one log. Tuning of an endpoint comes before that of the actor's group, that before
 * the service's own. Compiled once for each settings object; where nothing is told apart, the answer is one object.
 */
import type { ActorGroup, AlertKind, Flow, KindMode, RequestLog, Settings } from '@plimsoll/contracts';
import { AddressRanges } from './entities/address-range.js';

/** What holds for one log, or for a contribution. */
export interface Tuning {
  baseLimit: number;
  sensitivity: number;
  kinds: Partial<Record<AlertKind, KindMode>>;
}

interface Group {
  matches: (log: RequestLog) => boolean;
  tuning: Tuning;
}

export class Rules {
  readonly own: Tuning;
  readonly flows: readonly Flow[];
  readonly learnFlows: boolean;
  readonly #settings: Settings;
  readonly #groups: readonly Group[];
  readonly #endpoints = new Map<string, Settings['endpoints'][number]>();
  readonly #actors: ReadonlySet<string>;
  readonly #credentials: ReadonlySet<string>;
  readonly #addresses: AddressRanges;
  readonly #allowsNobody: boolean;
  /** By group (the service itself first), then by endpoint. */
  readonly #tuned = new Map<Tuning, Map<string, Tuning>>();

  constructor(settings: Settings) {
    const { baseLimit, sensitivity, kinds, allow, groups, endpoints } = settings;
    this.#settings = settings;
    this.own = { baseLimit, sensitivity, kinds };
    this.flows = settings.flows;
    this.learnFlows = settings.learnFlows;
    this.#groups = groups.map((group) => ({ matches: matcherOf(group), tuning: over(this.own, group) }));
    for (const endpoint of endpoints) this.#endpoints.set(endpoint.endpoint, endpoint);
    this.#actors = new Set(allow.actors);
    this.#credentials = new Set(allow.credentials);
    this.#addresses = new AddressRanges(allow.addresses);
    this.#allowsNobody = allow.actors.length + allow.addresses.length + allow.credentials.length === 0;
  }

  get alertBudget(): number {
    return this.#settings.alertBudget;
  }

  /** On the allow-list: by its authenticated actor, its address or its credential. */
  allows({ actor, authenticated, ip, credential }: RequestLog): boolean {
    if (this.#allowsNobody) return false;
    if (authenticated && actor !== undefined && this.#actors.has(actor)) return true;
    return this.#addresses.holds(ip) || (credential !== undefined && this.#credentials.has(credential));
  }

  allowsAddress(address: string): boolean {
    return this.#addresses.holds(address);
  }

  /** What holds for a log on an endpoint. */
  at(log: RequestLog, endpoint: string): Tuning {
    if (this.#groups.length === 0 && this.#endpoints.size === 0) return this.own;
    const base = this.#groups.find(({ matches }) => matches(log))?.tuning ?? this.own;
    return this.#tunedAt(base, endpoint);
  }

  /** What holds on an endpoint as a whole. */
  on(endpoint: string | null): Tuning {
    return endpoint === null || this.#endpoints.size === 0 ? this.own : this.#tunedAt(this.own, endpoint);
  }

  /** Said to be sensitive, or not; undefined where nothing was said. */
  sensitive(endpoint: string): boolean | undefined {
    return this.#endpoints.get(endpoint)?.sensitive;
  }

  #tunedAt(base: Tuning, endpoint: string): Tuning {
    const tuning = this.#endpoints.get(endpoint);
    if (!tuning) return base;
    const known = this.#tuned.get(base) ?? new Map<string, Tuning>();
    const tuned = known.get(endpoint) ?? over(base, tuning);
    this.#tuned.set(base, known.set(endpoint, tuned));
    return tuned;
  }
}

const compiled = new WeakMap<Settings, Rules>();

/** The rules of a settings object, which must not be changed afterwards. */
export function rulesOf(settings: Settings): Rules {
  const known = compiled.get(settings);
  if (known) return known;
  const rules = new Rules(settings);
  compiled.set(settings, rules);
  return rules;
}

function over(base: Tuning, tuning: { [K in keyof Tuning]?: Tuning[K] | undefined }): Tuning {
  return {
    baseLimit: tuning.baseLimit ?? base.baseLimit,
    sensitivity: tuning.sensitivity ?? base.sensitivity,
    kinds: { ...base.kinds, ...tuning.kinds },
  };
}

function matcherOf({ actors, addresses }: ActorGroup): Group['matches'] {
  const exact = new Set(actors.filter((id) => !id.endsWith('*')));
  const prefixes = actors.filter((id) => id.endsWith('*')).map((id) => id.slice(0, -1));
  const ranges = new AddressRanges(addresses);
  return ({ actor, authenticated, ip }) => {
    if (authenticated && actor !== undefined) {
      if (exact.has(actor) || prefixes.some((prefix) => actor.startsWith(prefix))) return true;
    }
    return ranges.holds(ip);
  };
}
