/**
 * Room for what is known of services and their endpoints as a whole: bounded, stored and taken over. Where it is full, the
 * quietest of a sample goes; the minute path (minutes.ts) is for the busiest few.
 */
import type { UsualTraffic } from '../contribution.js';
import { MAX_CROWD_SERVICES, MAX_CROWDS, MAX_SERIES, SERIES_REQUESTS } from './constants.js';
import { Crowd } from './crowd.js';
import { MinuteSeries } from './minutes.js';
import { UsualMinutes } from './usual-minutes.js';

export interface Service {
  /** Everything together. */
  whole: Crowd;
  endpoints: Map<string, Crowd>;
  /** Newest pulse. */
  clock: number;
}

/** Key of the record of a whole service in place of an endpoint's name. */
const WHOLE = '';
const SERIES_KEY = 'series';
const USUAL_KEY = 'usual';
/** Records looked at when one must go. */
const SAMPLE = 16;

export class Room {
  evicted = 0;
  /** Pulses on services beyond the cap. */
  overflowed = 0;
  readonly #services = new Map<string, Service>();
  /** Stored keys of what is not held any more. */
  readonly #gone = new Set<string>();
  /** Endpoints with a series of their minutes. */
  readonly #watched = new Set<Crowd>();
  /** Stored series whose endpoint was not read yet. */
  readonly #early = new Map<string, MinuteSeries>();
  #size = 0;

  find(service: string): Service | undefined {
    return this.#services.get(service);
  }

  service(name: string): Service | undefined {
    const known = this.#services.get(name);
    if (known) return known;
    if (this.#services.size >= MAX_CROWD_SERVICES) {
      this.overflowed += 1;
      return undefined;
    }
    const service = { whole: new Crowd(name, null), endpoints: new Map(), clock: 0 };
    this.#services.set(name, service);
    return service;
  }

  crowd(service: Service, name: string, endpoint: string): Crowd {
    const known = service.endpoints.get(endpoint);
    if (known) return known;
    if (this.#size >= MAX_CROWDS) this.#evict();
    const crowd = new Crowd(name, endpoint);
    service.endpoints.set(endpoint, crowd);
    this.#gone.delete(keyOf(crowd));
    this.#size += 1;
    return crowd;
  }

  /** The minute path for an endpoint that is busy; where there is no room, in place of one that is half as busy. */
  watchMinutes(crowd: Crowd): void {
    if (crowd.series || crowd.norm.volume < SERIES_REQUESTS) return;
    if (this.#watched.size >= MAX_SERIES) {
      let least: Crowd | undefined;
      for (const one of this.#watched) if (!least || one.norm.volume < least.norm.volume) least = one;
      if (!least || crowd.norm.volume < 2 * least.norm.volume) return;
      this.#take(least);
    }
    this.#give(crowd, new MinuteSeries());
  }

  /** What is usual of services, where something worth telling was learnt since the last take. */
  takeUsual(): UsualTraffic[] {
    return [...this.#services].flatMap(
      ([
        service,
        {
          whole: { usual },
        },
      ]) => {
        if (!usual?.fresh) return [];
        usual.fresh = false;
        return [{ service, minute: usual.minute, bands: usual.bands() }];
      },
    );
  }

  takeChanges(put: (key: string, state: Uint8Array) => void, remove: (key: string) => void): void {
    for (const key of this.#gone) remove(key);
    this.#gone.clear();
    for (const { whole, endpoints } of this.#services.values()) {
      for (const crowd of [whole, ...endpoints.values()]) {
        if (crowd.dirty) put(keyOf(crowd), crowd.state);
        if (crowd.series?.dirty) put(keyOf(crowd, SERIES_KEY), crowd.series.state);
        if (crowd.series) crowd.series.dirty = false;
        if (crowd.usual?.dirty) put(keyOf(crowd, USUAL_KEY), crowd.usual.state);
        if (crowd.usual) crowd.usual.dirty = false;
        crowd.dirty = false;
      }
    }
  }

  /** @returns whether the state could be read */
  load(key: string, state: Uint8Array): boolean {
    try {
      const [name, endpoint, what]: unknown[] = JSON.parse(key);
      if (typeof name !== 'string' || typeof endpoint !== 'string') return false;
      if (what === SERIES_KEY) return this.#loadSeries(name, endpoint, state);
      if (what === USUAL_KEY) return this.#loadUsual(name, state);
      const crowd = new Crowd(name, endpoint === WHOLE ? null : endpoint, state);
      crowd.dirty = false;
      const service = this.service(name);
      if (!service) return true;
      // What is usual may have been read first.
      if (crowd.endpoint === null) {
        crowd.usual = service.whole.usual;
        service.whole = crowd;
      } else service.endpoints.set(crowd.endpoint, crowd);
      const early = this.#early.get(key);
      if (early) this.#give(crowd, early);
      this.#early.delete(key);
      service.clock = Math.max(service.clock, crowd.newest);
      this.#size += crowd.endpoint === null ? 0 : 1;
      return true;
    } catch {
      return false;
    }
  }

  /** Stored series come before or after the record of their endpoint. */
  #loadSeries(name: string, endpoint: string, state: Uint8Array): boolean {
    const crowd = this.#services.get(name)?.endpoints.get(endpoint);
    const series = new MinuteSeries(state);
    series.dirty = false;
    if (!crowd) this.#early.set(JSON.stringify([name, endpoint]), series);
    else this.#give(crowd, series);
    return true;
  }

  #loadUsual(name: string, state: Uint8Array): boolean {
    const usual = new UsualMinutes(state);
    usual.dirty = false;
    // Told again: who hears of it may be new, too.
    usual.fresh = true;
    const service = this.service(name);
    if (service) service.whole.usual = usual;
    return true;
  }

  #give(crowd: Crowd, series: MinuteSeries): void {
    crowd.series = series;
    this.#gone.delete(keyOf(crowd, SERIES_KEY));
    this.#watched.add(crowd);
  }

  #take(crowd: Crowd): void {
    crowd.series = undefined;
    this.#watched.delete(crowd);
    this.#gone.add(keyOf(crowd, SERIES_KEY));
  }

  /** The quietest among the oldest of the service that has most. */
  #evict(): void {
    let most: Service | undefined;
    for (const service of this.#services.values()) if (!most || service.endpoints.size > most.endpoints.size) most = service;
    let least: Crowd | undefined;
    let looked = 0;
    for (const [name, crowd] of most?.endpoints ?? []) {
      if (looked >= SAMPLE) break;
      looked += 1;
      // To the end of the line, so that the next look is at others.
      most?.endpoints.delete(name);
      most?.endpoints.set(name, crowd);
      if (!least || crowd.norm.weight < least.norm.weight) least = crowd;
    }
    if (!least) return;
    most?.endpoints.delete(least.endpoint ?? WHOLE);
    if (least.series) this.#take(least);
    this.#gone.add(keyOf(least));
    this.#size -= 1;
    this.evicted += 1;
  }
}

const keyOf = ({ service, endpoint }: Crowd, ...what: string[]) => JSON.stringify([service, endpoint ?? WHOLE, ...what]);
