/**
 * Stage one: counts every live log of this shard into its endpoint's pulse of ten seconds, by groups of sources. A pulse
 * leaves when its time is over by the shard's logs or the clock of the events; what is still open is part of the stored
 * state. Sources are told apart by a hash of their name: groups are the same in every
 * shard and after every restart, and sums of pulses are pulses.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { EndpointPulse, PulseContribution, Stir } from '../contribution.js';
import type { Endpoint } from '../entities/endpoints.js';
import type { Source } from '../entities/sources.js';
import { failed } from '../ledger.js';
import type { Seen } from '../visit.js';
import { CELLS, FIELDS, GROUPS, MAX_WAITING, PULSE_GRACE_MS, PULSE_SECONDS, UNNOTICED_MS } from './constants.js';

/** Failing requests that travel as evidence. */
const MAX_SHOWN = 3;
/** Characters of a name that are hashed: ids differ before. */
const HASHED = 64;

/** Cells kept for the next pulses: of as many endpoints as are busy at once. */
const MAX_SPARE = 256;

const GONE = -1;

/** One service's ten seconds. */
interface Waiting {
  pulse: number;
  /** Of its newest log, milliseconds. */
  newest: number;
  logId: string;
  samples: RequestLog[];
  cells: Map<string, Float64Array>;
  /** By endpoint and window: what they add to the present level. */
  stirs: Map<string, Stir[]>;
  /** Not stored since it changed. */
  dirty: boolean;
}

/** Where the logs of an endpoint go at present. */
interface Place {
  waiting: Waiting;
  cells: Float64Array;
  /** The same as in `waiting`, once there are any. */
  stirs: Stir[] | undefined;
}

export class Pulses {
  /** Pulses dropped because a clock jumped about. */
  dropped = 0;
  readonly #services = new Map<string, Waiting[]>();
  readonly #places: (Place | undefined)[] = [];
  /** Cells of pulses that have left, for the next ones. */
  readonly #spare: Float64Array[] = [];
  /** Group of each source + 1, by its index. */
  #groups = new Uint8Array(1024);
  readonly #dirty = new Set<string>();
  /**
   * The clock of the events, ms, for the next take: a shard with few logs need not wait for its next one. Later takes go by the
   * logs alone, so that whoever learns a batch again leaves the same with it, whenever the clock was asked before.
   */
  #clock = 0;
  /** Time of the newest log of any service, and when the first of all that wait is over: before that nothing leaves. */
  #newest = 0;
  #firstEnd = Number.POSITIVE_INFINITY;

  count({ endpoint, source, log, second, stirs }: Seen): void {
    if (endpoint.signIn && failed(log, true)) return; // The matter of kinds made for it: many guessing addresses are no flood.
    const pulse = Math.floor(second / PULSE_SECONDS);
    let place = this.#places[endpoint.index];
    if (place?.waiting.pulse !== pulse) place = this.#enter(endpoint, pulse);
    const { waiting, cells } = place;
    waiting.dirty = true;
    if (log.ts >= waiting.newest) {
      waiting.newest = log.ts;
      waiting.logId = log.id;
      if (log.ts > this.#newest) this.#newest = log.ts;
    }
    if (stirs) {
      place.stirs ??= stirsOf(waiting, endpoint.name);
      note(place.stirs, stirs);
    }
    const at = ((this.#groups[source.index] || this.#groupOf(source)) - 1) * FIELDS;
    cells[at] = (cells[at] ?? 0) + 1;
    if (log.verdict !== 'allow') return; // A bouncer's answer says nothing about the host.
    if (log.status >= 500) {
      cells[at + 1] = (cells[at + 1] ?? 0) + 1;
      if (waiting.samples.length < MAX_SHOWN) waiting.samples.push(log);
    }
    if (log.durationMs <= 0) return;
    const ln = Math.log(log.durationMs + UNNOTICED_MS);
    cells[at + 2] = (cells[at + 2] ?? 0) + 1;
    cells[at + 3] = (cells[at + 3] ?? 0) + ln;
    cells[at + 4] = (cells[at + 4] ?? 0) + ln * ln;
  }

  forget({ index }: Source): void {
    if (index < this.#groups.length) this.#groups[index] = 0;
  }

  settle(now: number): void {
    this.#clock = now;
  }

  /** Pulses that are over, oldest first. */
  take(): PulseContribution[] {
    const over: PulseContribution[] = [];
    if (Math.max(this.#clock, this.#newest) < this.#firstEnd) {
      this.#clock = 0;
      return over;
    }
    for (const [service, all] of this.#services) {
      let newest = this.#clock;
      for (const waiting of all) newest = Math.max(newest, waiting.newest);
      if (!all.some(({ pulse }) => isOver(pulse, newest))) continue;
      const still = all.filter(({ pulse }) => !isOver(pulse, newest));
      for (const waiting of all) if (isOver(waiting.pulse, newest)) over.push(this.#leave(service, waiting, newest));
      this.#services.set(service, still);
      this.#dirty.add(service);
    }
    this.#clock = 0;
    this.#firstEnd = Number.POSITIVE_INFINITY;
    for (const all of this.#services.values()) for (const { pulse } of all) this.#await(pulse);
    return over.sort((a, b) => a.second - b.second);
  }

  takeChanges(put: (key: string, state: unknown) => void): void {
    for (const [service, all] of this.#services) {
      if (!this.#dirty.has(service) && !all.some(({ dirty }) => dirty)) continue;
      put(service, all.map(stored));
      for (const waiting of all) waiting.dirty = false;
    }
    this.#dirty.clear();
  }

  /** @returns whether it could be read */
  load(service: string, state: unknown): boolean {
    if (!Array.isArray(state)) return false;
    const all: Waiting[] = state.map((stored) => ({
      ...stored,
      dirty: false,
      stirs: new Map(stored.stirs ?? []),
      cells: new Map(stored.cells.map(([name, ...cells]: [string, ...number[]]) => [name, Float64Array.from(cells)])),
    }));
    if (all.some(({ cells }) => [...cells.values()].some(({ length }) => length !== CELLS))) return false;
    this.#services.set(service, all);
    for (const { pulse, newest } of all) {
      this.#await(pulse);
      this.#newest = Math.max(this.#newest, newest);
    }
    return true;
  }

  #await(pulse: number): void {
    this.#firstEnd = Math.min(this.#firstEnd, endOf(pulse));
  }

  #enter({ index, service, name }: Endpoint, pulse: number): Place {
    let all = this.#services.get(service);
    if (!all) {
      all = [];
      this.#services.set(service, all);
    }
    let waiting = all.find((one) => one.pulse === pulse);
    if (!waiting) {
      waiting = { pulse, newest: 0, logId: '', samples: [], cells: new Map(), stirs: new Map(), dirty: true };
      all.push(waiting);
      this.#await(pulse);
      if (all.length > MAX_WAITING) {
        all.sort((a, b) => a.pulse - b.pulse).shift();
        this.dropped += 1;
      }
    }
    const cells = waiting.cells.get(name) ?? this.#spare.pop() ?? new Float64Array(CELLS);
    waiting.cells.set(name, cells);
    const place = { waiting, cells, stirs: undefined };
    this.#places[index] = place;
    return place;
  }

  #leave(service: string, waiting: Waiting, newest: number): PulseContribution {
    const { pulse, logId, samples, cells, stirs } = waiting;
    waiting.pulse = GONE; // No log finds its place there any more.
    const endpoints = [...cells].map(([endpoint, sums]) => {
      const told = stirs.get(endpoint);
      const groups = packed(sums);
      if (this.#spare.length < MAX_SPARE) this.#spare.push(sums.fill(0));
      return told ? { endpoint, groups, stirs: told } : { endpoint, groups };
    });
    const second = pulse * PULSE_SECONDS;
    return { entity: 'pulse', service, id: service, second, newest, logId, endpoints, samples, historical: false };
  }

  #groupOf({ index, id }: Source): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < id.length && at < HASHED; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
    const group = ((Math.imul(hash, 0x2c1b3c6d) >>> 16) % GROUPS) + 1;
    if (index >= this.#groups.length) {
      const more = new Uint8Array(2 * (index + 1));
      more.set(this.#groups);
      this.#groups = more;
    }
    this.#groups[index] = group;
    return group;
  }
}

/** As it is stored. */
const stored = ({ pulse, newest, logId, samples, cells, stirs }: Waiting) => ({
  pulse,
  newest,
  logId,
  samples,
  cells: [...cells].map(([name, sums]) => [name, ...sums]),
  stirs: [...stirs],
});

function stirsOf({ stirs }: Waiting, name: string): Stir[] {
  const known = stirs.get(name) ?? [];
  stirs.set(name, known);
  return known;
}

function note(known: Stir[], more: readonly Stir[]): void {
  for (const [window, actors, sum, most] of more) {
    const stir = known.find((one) => one[0] === window);
    if (!stir) known.push([window, actors, sum, most]);
    else {
      stir[1] += actors;
      stir[2] += sum;
      stir[3] = Math.max(stir[3], most);
    }
  }
}

/** From then on it is over, milliseconds. */
const endOf = (pulse: number) => (pulse + 1) * PULSE_SECONDS * 1000 + PULSE_GRACE_MS;
const isOver = (pulse: number, newest: number) => endOf(pulse) <= newest;

/** Groups with traffic only; sums of logarithms to a thousandth. */
function packed(sums: Float64Array): EndpointPulse['groups'] {
  const groups: number[][] = [];
  for (let group = 0; group < GROUPS; group += 1) {
    const at = group * FIELDS;
    const requests = sums[at] ?? 0;
    if (requests === 0) continue;
    const [failures, timed] = [sums[at + 1] ?? 0, sums[at + 2] ?? 0];
    groups.push([group, requests, failures, timed, thousandths(sums[at + 3] ?? 0), thousandths(sums[at + 4] ?? 0)]);
  }
  return groups;
}

/** The nearest thousandth, as `toFixed` finds it from the exact digits; where no rounding can decide, without making text of it. */
function thousandths(value: number): number {
  const scaled = value * 1_000;
  const whole = Math.floor(scaled);
  const part = scaled - whole;
  if (scaled < 0 || scaled > 1e12 || Math.abs(part - 0.5) < 1e-3) return Number(value.toFixed(3));
  return (part > 0.5 ? whole + 1 : whole) / 1_000;
}
