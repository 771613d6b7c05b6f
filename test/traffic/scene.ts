/**
 * One attack being played: who does it, how much of it, and the label that says so. Attackers use what the service offers
 * at the pace that their tools or patience give; what they know of the service is its interface, not its model.
 */
import type { AlertKind, Subject, SubjectType } from '@plimsoll/contracts';
import { type Endpoint, pathTo, type Service } from './catalogue.js';
import { nameOf } from './disturbances.js';
import { DAY, type Form, VOLUME } from './parameters.js';
import { clientOf, type Person, personOf } from './people.js';
import type { Random } from './random.js';
import { addressOf, type Client, type Fields, NEIGHBOURHOOD, userAgentOf } from './wire.js';
import type { World } from './world.js';

/** What really happened. Times are milliseconds of event time: of its first and last request, where it has some. */
export interface Label {
  index: number;
  kind: AlertKind;
  form: Form;
  /** The way of it: `burst`, `campaign`, ... */
  variant: string;
  /** The subject was never seen before. */
  cold: boolean;
  /** It came to nothing that anybody could see: not counted, neither found nor missed. */
  moot?: boolean;
  start: number;
  end: number;
  /** Actors, addresses and credentials that take part or suffer: an alert on one of them is right. */
  subjects: Subject[];
  /** `METHOD /route`: an alert about one of them as a whole is right too, if its kind is. */
  endpoints: string[];
}

/** What the simulation has seen of the past: attackers and their volumes are relative to it. */
export interface Past {
  /** Greatest number of requests in one minute that the person ever made. */
  busiestMinute(number: number): number;
  /** Requests a second on the endpoint lately. */
  pace(endpoint: Endpoint): number;
  /** Somebody with a history whom no attack has touched. */
  untouched(random: Random): number;
}

export type Play = (scene: Scene) => void;

export class Scene {
  /** Share of the easy form's volume. */
  readonly volume: number;
  readonly start: number;
  #sent = 0;
  readonly #blamed = new Set<string>();

  constructor(
    readonly world: World,
    readonly label: Label,
    readonly random: Random,
    readonly past: Past,
    /** Number that no other newcomer or attacking address of the run has; the next ten thousand are free too. */
    private readonly free: number,
  ) {
    this.volume = VOLUME[label.form];
    this.start = label.start;
  }

  get at(): Service['at'] {
    return this.world.service.at;
  }

  /** The path to somebody's or everybody's object with a number. */
  pathTo(endpoint: Endpoint, object: number): string {
    return pathTo(this.world.service, endpoint, object, object);
  }

  /** So many of the easy form's `count`, at least one. */
  share(count: number): number {
    return Math.max(1, Math.round(count * this.volume));
  }

  /** An attack on one of these as a whole. */
  on(...endpoints: Endpoint[]): void {
    this.label.endpoints.push(...endpoints.map(nameOf));
  }

  blame(type: SubjectType, id: string): void {
    const known = this.#blamed.has(`${type} ${id}`);
    if (!known) this.label.subjects.push({ type, id });
    this.#blamed.add(`${type} ${id}`);
  }

  /** Somebody with an account and a history; where the label is cold, an account that was never seen. */
  insider(): Client & { actor: string } {
    const { world, random, label } = this;
    const number = label.cold ? this.free : this.past.untouched(random);
    const client = clientOf(this.person(number), world.parameters, random, true, this.#day());
    const actor = label.cold ? `newcomer-${this.free}` : (client.actor ?? '');
    const credential = label.cold ? `token-newcomer-${this.free}` : client.credential;
    this.blame('actor', actor);
    if (credential !== undefined) this.blame('credential', credential);
    const ip = label.cold ? addressOf(NEIGHBOURHOOD.elsewhere, this.free) : client.ip;
    // An office's or carrier's address is not the attacker's alone.
    if (label.cold || ip === addressOf(NEIGHBOURHOOD.home, number)) this.blame('address', ip);
    return { ...client, ip, actor, ...(credential === undefined ? {} : { credential }) };
  }

  person(number: number): Person {
    return personOf(this.world.parameters, number);
  }

  /** A client at an address that was never seen, on a device of its own, signed in as nobody. */
  stranger(index = 0): Client {
    const ip = addressOf(NEIGHBOURHOOD.elsewhere, this.free + index);
    this.blame('address', ip);
    return { ip, userAgent: userAgentOf(this.random), number: this.free + index };
  }

  /** `count` times over `seconds`, at an uneven pace; `each` sends. */
  over(count: number, seconds: number, each: (ts: number, index: number) => void): void {
    const gap = (seconds * 1000) / count;
    for (let index = 0; index < count; index += 1) each(this.start + gap * (index + this.random.between(0, 0.9)), index);
  }

  /** Sends whatever the service's state. */
  send(ts: number, client: Client, endpoint: Endpoint | undefined, fields: Fields = {}): void {
    const first = this.#sent === 0 || ts < this.label.start;
    if (first) this.label.start = Math.round(ts);
    this.label.end = Math.max(this.label.end, ts);
    this.#sent += 1;
    this.world.send(ts, client, endpoint, this.random, fields, this.label.index);
  }

  /** A wrong password for an account. */
  guess(ts: number, client: Client, account: string): void {
    this.send(ts, client, this.at.login, { actor: account, authenticated: false, status: 401, auth: 'failure' });
  }

  /** The right one. */
  enter(ts: number, client: Client, account: string): void {
    this.send(ts, client, this.at.login, { actor: account, authenticated: true, auth: 'success' });
  }

  #day(): number {
    return Math.floor((this.start - this.world.start) / DAY);
  }
}
