/**
 * Settings, compiled: what holds for one log, or for the subject of a contribution. Tuning of an endpoint comes before
 * that of the subject's group, that before the service's own. Compiled once for each settings object; where nothing is
 * told apart, the answer is one object, found without a look-up.
 */
import type { ActorGroup, AlertKind, Flow, KindMode, RequestLog, Settings, Severity, Step } from '@plimsoll/contracts';
import { AddressRanges } from './entities/address-range.js';
import { endpointNamed } from './entities/templates.js';
import { worse } from './severity.js';

/** What holds for one log, or for a contribution. */
export interface Tuning {
  baseLimit: number;
  sensitivity: number;
  kinds: Partial<Record<AlertKind, KindMode>>;
}

/** What the lists say about one actor or one address. */
interface Listing {
  allowed: boolean;
  /** Of the first group with it, -1 where there is none. */
  group: number;
}
const UNLISTED: Listing = { allowed: false, group: -1 };

export class Rules {
  readonly own: Tuning;
  /** Endpoints named as everywhere, `METHOD /route/:param`. */
  readonly flows: readonly Flow[];
  readonly learnFlows: boolean;
  readonly alertBudget: number;
  readonly #groups: readonly Tuning[];
  readonly #endpoints = new Map<string, Settings['endpoints'][number]>();
  readonly #ladder: Settings['ladder'];
  readonly #actors: Lister;
  readonly #addresses: Lister;
  readonly #credentials: ReadonlySet<string>;
  readonly #allowsNobody: boolean;
  /** By group (the service itself first), then by endpoint. */
  readonly #tuned = new Map<Tuning, Map<string, Tuning>>();

  constructor(settings: Settings) {
    const { baseLimit, sensitivity, kinds, allow, groups, endpoints, flows, ladder } = settings;
    this.own = { baseLimit, sensitivity, kinds };
    this.flows = flows.map(({ name, steps }) => ({ name, steps: steps.map(endpointNamed) }));
    this.learnFlows = settings.learnFlows;
    this.alertBudget = settings.alertBudget;
    this.#ladder = ladder.map((rule) =>
      rule.endpoint === undefined ? rule : { ...rule, endpoint: endpointNamed(rule.endpoint) },
    );
    this.#groups = groups.map((group) => over(this.own, group));
    for (const endpoint of endpoints) this.#endpoints.set(endpointNamed(endpoint.endpoint), endpoint);
    const addressed = (ranges: readonly string[]) => {
      const compiled = new AddressRanges(ranges);
      return (address: string) => compiled.holds(address);
    };
    this.#actors = new Lister(
      idsIn(allow.actors),
      groups.map(({ actors }) => idsIn(actors)),
      anyOf(allow, groups, 'actors'),
    );
    this.#addresses = new Lister(
      addressed(allow.addresses),
      groups.map(({ addresses }) => addressed(addresses)),
      anyOf(allow, groups, 'addresses'),
    );
    this.#credentials = new Set(allow.credentials);
    this.#allowsNobody = allow.actors.length + allow.addresses.length + allow.credentials.length === 0;
  }

  /** On the allow-list: by its authenticated actor, its address or its credential. */
  allows({ actor, authenticated, ip, credential }: RequestLog): boolean {
    if (this.#allowsNobody) return false;
    if (authenticated && actor !== undefined && this.#actors.of(actor).allowed) return true;
    return this.#addresses.of(ip).allowed || (credential !== undefined && this.#credentials.has(credential));
  }

  allowsAddress(address: string): boolean {
    return this.#addresses.of(address).allowed;
  }

  /** The subject of a contribution is on the allow-list: nothing is said of it, and nothing kept. */
  allowsSubject(type: string, id: string): boolean {
    if (type === 'actor') return this.#actors.of(id).allowed;
    return type === 'address' ? this.#addresses.of(id).allowed : type === 'credential' && this.#credentials.has(id);
  }

  /** The steps of the first rule of the ladder that speaks of this behaviour; none where no rule does. */
  stepsFor({ endpoint, kind, severity }: { endpoint: string | null; kind: AlertKind; severity: Severity }): readonly Step[] {
    const rule = this.#ladder.find(
      (each) =>
        (each.endpoint === undefined || each.endpoint === endpoint) &&
        (each.kind === undefined || each.kind === kind) &&
        !worse(each.severity ?? 'low', severity),
    );
    return rule?.steps ?? [];
  }

  /** What holds for a log on an endpoint. */
  at({ actor, authenticated, ip }: RequestLog, endpoint: string): Tuning {
    if (this.#groups.length === 0 && this.#endpoints.size === 0) return this.own;
    const named = authenticated && actor !== undefined ? this.#actors.of(actor).group : -1;
    return this.#tunedAt(this.#grouped(named, this.#addresses.of(ip).group), endpoint);
  }

  /** What holds for an actor or address as a whole, of which an endpoint is said or none. */
  about({ type, id }: { type: string; id: string }, endpoint: string | null): Tuning {
    const lister = type === 'actor' ? this.#actors : type === 'address' ? this.#addresses : undefined;
    return this.#tunedAt(this.#grouped(lister?.of(id).group ?? -1, -1), endpoint);
  }

  /** What holds on an endpoint as a whole. */
  on(endpoint: string | null): Tuning {
    return this.#tunedAt(this.own, endpoint);
  }

  /** Said to be sensitive, or not; undefined where nothing was said. */
  sensitive(endpoint: string): boolean | undefined {
    return this.#endpoints.get(endpoint)?.sensitive;
  }

  /** The first of two groups, as the settings list them. */
  #grouped(one: number, other: number): Tuning {
    const first = one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
    return this.#groups[first] ?? this.own;
  }

  #tunedAt(base: Tuning, endpoint: string | null): Tuning {
    const tuning = endpoint === null || this.#endpoints.size === 0 ? undefined : this.#endpoints.get(endpoint);
    if (endpoint === null || !tuning) return base;
    const known = this.#tuned.get(base) ?? new Map<string, Tuning>();
    const tuned = known.get(endpoint) ?? over(base, tuning);
    this.#tuned.set(base, known.set(endpoint, tuned));
    return tuned;
  }
}

/** Answers remembered of actors and of addresses each, so that long lists cost nothing; then all are forgotten at once. */
const REMEMBERED = 20_000;

/** Looks ids up in the allow-list and in the groups. */
class Lister {
  readonly #known = new Map<string, Listing>();

  constructor(
    private readonly allowed: (id: string) => boolean,
    private readonly groups: readonly ((id: string) => boolean)[],
    private readonly lists: boolean,
  ) {}

  of(id: string): Listing {
    if (!this.lists) return UNLISTED;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const listing = { allowed: this.allowed(id), group: this.groups.findIndex((holds) => holds(id)) };
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(id, listing);
    return listing;
  }
}

const compiled = new WeakMap<Settings, Rules>();
/** Those asked for last: nearly always the same again. */
let last: { settings: Settings; rules: Rules } | undefined;

/** The rules of a settings object, which must not be changed afterwards. */
export function rulesOf(settings: Settings): Rules {
  if (last?.settings === settings) return last.rules;
  const rules = compiled.get(settings) ?? new Rules(settings);
  compiled.set(settings, rules);
  last = { settings, rules };
  return rules;
}

function over(base: Tuning, tuning: { [K in keyof Tuning]?: Tuning[K] | undefined }): Tuning {
  return {
    baseLimit: tuning.baseLimit ?? base.baseLimit,
    sensitivity: tuning.sensitivity ?? base.sensitivity,
    kinds: { ...base.kinds, ...tuning.kinds },
  };
}

/** Ids, of which one with a `*` at the end stands for all that begin so. */
function idsIn(ids: readonly string[]): (id: string) => boolean {
  const exact = new Set(ids.filter((id) => !id.endsWith('*')));
  const prefixes = ids.filter((id) => id.endsWith('*')).map((id) => id.slice(0, -1));
  return (id) => exact.has(id) || prefixes.some((prefix) => id.startsWith(prefix));
}

const anyOf = (allow: Settings['allow'], groups: readonly ActorGroup[], list: 'actors' | 'addresses'): boolean =>
  allow[list].length > 0 || groups.some((group) => group[list].length > 0);
