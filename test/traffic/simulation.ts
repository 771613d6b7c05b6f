/**
 * The labelled simulator: a service's ordinary life, and attacks in it with their truth. Deterministic by seed, on event
 * time, made ten minutes at a time, so that millions of logs need little memory.
 *
 *   const simulation = new Simulation({ seed: 1, users: 500 });
 *   for (const samples of simulation.chunks()) ...   // in order of time
 *   simulation.labels                                 // complete once all chunks were taken
 */
import { ALL, type Attack } from './attacks.js';
import type { Endpoint } from './catalogue.js';
import { importOf, plan, retryLoops } from './disturbances.js';
import { machinesOf } from './machines.js';
import { DAY, DEFAULTS, type Form, HOUR, MINUTE, SHARES, type TrafficParameters } from './parameters.js';
import { carrierAddress, clientOf, type Person, personOf } from './people.js';
import { Random, STREAM } from './random.js';
import { type Label, type Past, Scene } from './scene.js';
import { sit, visit } from './sittings.js';
import { addressOf, NEIGHBOURHOOD, type Sample, userAgentOf } from './wire.js';
import { type Disturbance, rhythmAt, World } from './world.js';

export type { Label } from './scene.js';
export type { Sample } from './wire.js';

const CHUNK = 10 * MINUTE;
/** Requests that make somebody a person with a history. */
const HISTORY = 60;
/** Numbers of newcomers and attacking addresses: ten thousand for each attack, beyond those of people. */
const FREE = 1_000_000;
/** Attacks this long begin first, so that they end within the run. */
const LONG_SECONDS = 3 * 3600;

interface Planned extends Attack {
  form: Form;
  at: number;
}

export class Simulation implements Past {
  readonly labels: Label[] = [];
  readonly parameters: TrafficParameters;
  readonly #world: World;
  readonly #people: Person[];
  readonly #planned: Planned[];
  readonly #touched = new Set<number>();
  readonly #counts: Uint32Array;
  readonly #minutes: Uint32Array;
  readonly #inMinute: Uint16Array;
  readonly #busiest: Uint16Array;
  /** Requests on each endpoint in the last chunk. */
  #paces = new Map<string, number>();

  constructor(parameters: Partial<TrafficParameters> & { seed: number }) {
    this.parameters = { ...DEFAULTS, ...parameters };
    const { users, attacks, disturbances } = this.parameters;
    this.#world = new World(this.parameters);
    if (disturbances) plan(this.#world);
    this.#people = Array.from({ length: users }, (_, number) => personOf(this.parameters, number));
    this.#planned = attacks ? this.#schedule() : [];
    this.#counts = new Uint32Array(users);
    this.#minutes = new Uint32Array(users);
    this.#inMinute = new Uint16Array(users);
    this.#busiest = new Uint16Array(users);
  }

  get start(): number {
    return this.#world.start;
  }

  get disturbances(): readonly Disturbance[] {
    return this.#world.disturbances;
  }

  /** Logs in order of time, ten minutes of event time each. */
  *chunks(): Generator<Sample[]> {
    const world = this.#world;
    const machines = machinesOf(world.service, this.parameters);
    if (this.parameters.disturbances) machines.push(importOf(world));
    for (let from = world.start; from < world.end; from += CHUNK) {
      const until = Math.min(world.end, from + CHUNK);
      for (const planned of this.#planned) if (planned.at >= from && planned.at < until) this.#play(planned);
      if (this.parameters.disturbances) retryLoops(world, from, until);
      this.#sittings(from, until);
      for (const machine of machines) machine(world, from, until);
      const due = world.pending.filter(({ log }) => log.ts < until).sort((a, b) => a.log.ts - b.log.ts);
      world.pending = world.pending.filter(({ log }) => log.ts >= until);
      this.#remember(due);
      yield due;
    }
  }

  busiestMinute(number: number): number {
    return this.#busiest[number] ?? 0;
  }

  pace({ method, route }: Endpoint): number {
    return (this.#paces.get(method + route) ?? 0) / (CHUNK / 1000);
  }

  untouched(random: Random): number {
    const { users } = this.parameters;
    let best = random.whole(0, users - 1);
    for (let look = 0; look < 200; look += 1) {
      const number = random.whole(0, users - 1);
      const known = (this.#counts[number] ?? 0) >= HISTORY;
      if (known && !this.#touched.has(number)) {
        best = number;
        break;
      }
      if (known) best = number; // A small service: the same person twice.
    }
    this.#touched.add(best);
    return best;
  }

  /** Every attack in every form, in random order, evenly over the days after the calm ones. */
  #schedule(): Planned[] {
    const { seed, days, calmDays, wire, forms } = this.parameters;
    const random = new Random(seed, STREAM.schedule, 1);
    const seen = ALL.filter(({ full }) => wire === 'full' || full !== true);
    const all = random.shuffled(seen.flatMap((attack) => forms.map((form) => ({ ...attack, form }))));
    const ordered = [
      ...all.filter(({ seconds }) => seconds >= LONG_SECONDS),
      ...all.filter(({ seconds }) => seconds < LONG_SECONDS),
    ];
    const from = this.#world.start + calmDays * DAY + HOUR / 2;
    const room = (days - calmDays) * DAY - 3 * HOUR;
    return ordered.map((attack, index) => ({ ...attack, at: from + (room * (index + random.between(0, 0.5))) / ordered.length }));
  }

  #play({ kind, variant, form, cold, at, play }: Planned): void {
    const index = this.labels.length;
    const label: Label = { index, kind, form, variant, cold, start: Math.round(at), end: at, subjects: [], endpoints: [] };
    this.labels.push(label);
    play(new Scene(this.#world, label, new Random(this.parameters.seed, STREAM.attack, index), this, FREE + index * 10_000));
  }

  #sittings(from: number, until: number): void {
    const { seed, rhythm, users } = this.parameters;
    const world = this.#world;
    const share = ((until - from) / DAY) * world.surgeAt(from);
    const day = Math.floor((from - world.start) / DAY);
    let sessions = 0;
    for (const person of this.#people) {
      if (from < world.start + person.appearsAt) continue;
      const expected = person.sessionsPerDay * rhythmAt(rhythm, from, person.shift) * share;
      const random = new Random(seed, STREAM.sessions, person.number, from / 1000);
      sessions += expected;
      if (!random.chance(1 - Math.exp(-expected * this.#work(person, day)))) continue;
      const atWork = rhythm !== 'consumer' && rhythmAt('office', from, person.shift) > 0.5;
      const client = clientOf(person, this.parameters, random, atWork, day);
      sit(world, person, client, random.between(from, until), random, this.#work(person, day));
    }
    const random = new Random(seed, STREAM.visitors, from / 1000);
    for (let left = Math.floor(sessions * SHARES.visitors + random.next()); left > 0; left -= 1) {
      const index = random.whole(0, 4_000_000);
      const ip = random.chance(0.4) ? carrierAddress(random, users) : addressOf(NEIGHBOURHOOD.visitor, index);
      visit(world, { ip, userAgent: userAgentOf(random), number: -1 }, random.between(from, until), random);
    }
  }

  /** Times the usual work of the day: three on a heavy one. */
  #work(person: Person, day: number): number {
    const heavy = new Random(this.parameters.seed, STREAM.sessions, person.number, day, 1).chance(SHARES.heavyDay);
    return heavy ? 3 : 1;
  }

  #remember(due: readonly Sample[]): void {
    this.#paces = new Map(this.#world.service.endpoints.map(({ method, route }) => [method + route, 0]));
    for (const { log, attack, number } of due) {
      if (attack >= 0) continue;
      const key = log.method + log.route;
      const pace = this.#paces.get(key);
      if (pace !== undefined) this.#paces.set(key, pace + 1);
      if (number < 0 || number >= this.#counts.length) continue;
      this.#counts[number] = (this.#counts[number] ?? 0) + 1;
      const minute = Math.floor(log.ts / MINUTE);
      const count = this.#minutes[number] === minute ? (this.#inMinute[number] ?? 0) + 1 : 1;
      this.#minutes[number] = minute;
      this.#inMinute[number] = Math.min(65_535, count);
      this.#busiest[number] = Math.max(this.#busiest[number] ?? 0, count);
    }
  }
}
