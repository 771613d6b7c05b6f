/**
 * Who makes requests: an authenticated actor, or an address where nobody is vouched for. Logs of the past (late, or from
 * an old file) have sources of their own, so that they never disturb the windows of what happens now; a source that
 * appears live starts with what its past taught. A source lives as long as it has pairs.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Visit } from '../visit.js';
import { Endpoint } from './endpoints.js';
import { Shortcut } from './shortcut.js';

export interface Source {
  readonly index: number;
  readonly service: string;
  readonly type: 'actor' | 'address';
  readonly id: string;
  readonly past: boolean;
  /** First pair: slot + 1, 0 for none. */
  first: number;
}

/** Whom the log is counted for: the same rule by which it was given to this shard. */
export const sourceOf = (log: RequestLog) => ({ type: sourceType(log), id: sourceId(log) });
export const sourceType = (log: RequestLog): Source['type'] =>
  log.actor !== undefined && log.authenticated ? 'actor' : 'address';
export const sourceId = (log: RequestLog) => (log.authenticated ? (log.actor ?? log.ip) : log.ip);

export const isPast = (log: RequestLog) => log.timing !== 'live';

class Service {
  /** @param number of services before it */
  constructor(readonly number: number) {}

  readonly endpoints = new Map<string, Endpoint>();
  /** Live actors, live addresses, past actors, past addresses. */
  readonly sources: readonly Map<string, Source>[] = [new Map(), new Map(), new Map(), new Map()];
}

/** Stands for every endpoint of a service beyond the cap. */
const OVERFLOW = '* /*';

const kindOf = (type: 'actor' | 'address', past: boolean) => (type === 'actor' ? 0 : 1) + (past ? 2 : 0);

export class Sources {
  readonly byIndex: (Source | undefined)[] = [];
  readonly endpoints: Endpoint[] = [];
  readonly #services = new Map<string, Service>();
  readonly #free: number[] = [];
  readonly #maxEndpoints: number;
  readonly #shortcut = new Shortcut();
  /** Mixture of what was read ahead: kept, so that no compiler leaves the reading out. */
  #read = 0;
  /** Told of each source that is gone. */
  readonly onGone: ((source: Source) => void)[] = [];
  /** Requests on endpoints beyond the cap, which share one record a service. */
  overflowed = 0;

  constructor(maxEndpoints: number) {
    this.#maxEndpoints = maxEndpoints;
  }

  find(service: string, type: 'actor' | 'address', id: string, past: boolean): Source | undefined {
    return this.#services.get(service)?.sources[kindOf(type, past)]?.get(id);
  }

  /**
   * Fills in endpoint and source of visits, as far as they are known: step by step for all of them, so that their waits for
   * memory overlap.
   */
  meet(visits: readonly Visit[]): void {
    const likely = visits
      .map((visit) => this.#shortcut.at(sourceId(visit.log), this.#saltOf(visit)))
      .map((index) => this.byIndex[index]);
    for (const source of likely) if (source) this.#read ^= source.id.length;
    likely.forEach((source, index) => {
      const visit = visits[index] as Visit;
      visit.endpoint = this.endpoint(visit.service, visit.name);
      visit.source = source && isOf(source, visit) ? source : this.#lookUp(visit);
    });
  }

  #lookUp(visit: Visit): Source | undefined {
    const { service, log, past } = visit;
    const source = this.find(service, sourceType(log), sourceId(log), past);
    if (source) this.#shortcut.note(source.id, this.#saltOf(visit), source.index, this.byIndex.length);
    return source;
  }

  /** The same id may be an actor and an address, of now and of the past, in several services. */
  #saltOf({ service, log, past }: Visit): number {
    return Math.imul(4 * (this.#services.get(service)?.number ?? 0) + kindOf(sourceType(log), past), 0x9e3779b1);
  }

  endpoint(service: string, name: string): Endpoint | undefined {
    const endpoints = this.#services.get(service)?.endpoints;
    return endpoints?.get(name) ?? (this.endpoints.length >= this.#maxEndpoints ? endpoints?.get(OVERFLOW) : undefined);
  }

  addSource(service: string, type: 'actor' | 'address', id: string, past: boolean): Source {
    const index = this.#free.pop() ?? this.byIndex.length;
    const source: Source = { index, service, type, id, past, first: 0 };
    this.byIndex[index] = source;
    this.#serviceOf(service).sources[kindOf(type, past)]?.set(id, source);
    return source;
  }

  addEndpoint(service: string, name: string): Endpoint {
    const { endpoints } = this.#serviceOf(service);
    const known = endpoints.get(name);
    if (known) return known;
    if (this.endpoints.length >= this.#maxEndpoints && name !== OVERFLOW) {
      this.overflowed += 1;
      return this.addEndpoint(service, OVERFLOW);
    }
    const endpoint = new Endpoint(this.endpoints.length, service, name);
    this.endpoints.push(endpoint);
    endpoints.set(name, endpoint);
    return endpoint;
  }

  remove(source: Source): void {
    this.#services.get(source.service)?.sources[kindOf(source.type, source.past)]?.delete(source.id);
    this.byIndex[source.index] = undefined;
    this.#free.push(source.index);
    for (const gone of this.onGone) gone(source);
  }

  #serviceOf(service: string): Service {
    let known = this.#services.get(service);
    if (!known) {
      known = new Service(this.#services.size);
      this.#services.set(service, known);
    }
    return known;
  }
}

const isOf = (source: Source, { service, log, past }: Visit) =>
  source.id === sourceId(log) && source.type === sourceType(log) && source.past === past && source.service === service;

type SourceName = Pick<Source, 'service' | 'past' | 'type' | 'id'>;

/** Name of a source in stored keys. */
export const sourceKey = ({ service, past, type, id }: SourceName) => JSON.stringify([service, past, type, id]);

export function sourceOfKey(key: string): SourceName | undefined {
  try {
    const name: unknown = JSON.parse(key);
    if (!Array.isArray(name) || name.length !== 4) return undefined;
    const [service, past, type, id] = name;
    if (typeof service !== 'string' || typeof past !== 'boolean' || typeof id !== 'string') return undefined;
    return type === 'actor' || type === 'address' ? { service, past, type, id } : undefined;
  } catch {
    return undefined;
  }
}
