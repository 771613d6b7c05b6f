/** What is known of one account: when it was here, from which devices and networks, with which credentials, and what it used. */
import type { RequestLog } from '@plimsoll/contracts';
import type { Source } from '../entities/sources.js';
import {
  ACQUAINTED_REQUESTS,
  ACQUAINTED_SECONDS,
  ACQUAINTED_SESSIONS,
  MAX_HOLDERS,
  MAX_USED,
  OWN_PRIOR_SESSIONS,
  TURN_SECONDS,
  VERSATILE_ENDPOINTS,
} from './constants.js';
import { Familiar } from './familiar.js';
import type { Kept } from './keeper.js';
import type { Stay } from './stay.js';

/** Who used a credential last, and who before. */
export interface Holder {
  credential: string;
  place: number;
  device: number;
  address: string;
  last: number;
  placeBefore: number;
  deviceBefore: number;
}

export class Profile implements Kept {
  at = -1;
  dirty = false;
  requests = 0;
  sessions = 1;
  /** Second when the present session began. */
  began: number;
  /** Of the last request, as they came and as fingerprints. */
  address = '';
  agent = '';
  place = 0;
  device = 0;
  readonly places = new Familiar();
  readonly devices = new Familiar();
  /** Endpoints worth a thief's while, each with the sessions that used it; and those of this session. */
  used: number[] = [];
  session: number[] = [];
  /** Which endpoints it was ever at, a bit each by their fingerprint. */
  breadth = 0;
  /** What this session has shown. */
  stranger = false;
  moved = false;
  shared = false;
  /** Sessions since it was known, and those of them with a stranger; halved together. */
  judged = 0;
  strangers = 0;
  readonly holders: Holder[] = [];
  stay: Stay | undefined;

  constructor(
    readonly source: Source,
    public since: number,
    public last: number = since,
  ) {
    this.began = since;
  }

  isKnown(second: number): boolean {
    if (this.sessions < ACQUAINTED_SESSIONS || this.requests < ACQUAINTED_REQUESTS) return false;
    return second - this.since >= ACQUAINTED_SECONDS;
  }

  /** A client for people comes to many endpoints; a machine with a task comes to those of its task. */
  get isVersatile(): boolean {
    let count = 0;
    for (let bits = this.breadth; bits !== 0; bits &= bits - 1) count += 1;
    return count >= VERSATILE_ENDPOINTS;
  }

  /** Both are new; where no device is told, the network alone. */
  isStranger(place: number, device: number, second: number): boolean {
    return this.places.isNew(place, second) && (device === 0 || this.devices.isNew(device, second));
  }

  /** Sessions in which an endpoint was used. */
  usesOf(print: number): number {
    for (let at = 0; at < this.used.length; at += 2) if (this.used[at] === print) return this.used[at + 1] ?? 0;
    return 0;
  }

  use(print: number): void {
    for (let at = 0; at < this.used.length; at += 2) {
      if (this.used[at] !== print) continue;
      this.used[at + 1] = (this.used[at + 1] ?? 0) + 1;
      return;
    }
    if (this.used.length >= 2 * MAX_USED) this.used.splice(0, 2);
    this.used.push(print, 1);
  }

  /** Old sessions fade, so that a new way of life is learnt. */
  countSession(): void {
    this.judged += 1;
    if (this.stranger) this.strangers += 1;
    if (this.judged < 4 * OWN_PRIOR_SESSIONS) return;
    this.judged /= 2;
    this.strangers /= 2;
  }

  holderOf(credential: string | undefined): Holder | undefined {
    if (credential === undefined) return undefined;
    for (const holder of this.holders) if (holder.credential === credential) return holder;
    return undefined;
  }

  /** Somebody has the credential in hand. @returns whether it went from one device to another and back */
  hold(log: RequestLog, place: number, device: number, second: number): boolean {
    if (log.credential === undefined) return false;
    const holder = this.holderOf(log.credential);
    if (!holder) {
      if (this.holders.length >= MAX_HOLDERS) this.holders.splice(this.#oldestHolder(), 1);
      const { credential, ip: address } = log;
      this.holders.push({ credential, place, device, address, last: second, placeBefore: 0, deviceBefore: 0 });
      return false;
    }
    const recent = second - holder.last <= TURN_SECONDS;
    const other = holder.place !== place && holder.device !== device && device !== 0 && holder.device !== 0;
    const back = recent && other && holder.placeBefore === place && holder.deviceBefore === device;
    if (other) {
      holder.placeBefore = recent ? holder.place : 0;
      holder.deviceBefore = recent ? holder.device : 0;
    }
    holder.place = place;
    holder.device = device;
    holder.address = log.ip;
    holder.last = second;
    return back;
  }

  #oldestHolder(): number {
    let oldest = 0;
    for (let index = 1; index < this.holders.length; index += 1)
      if ((this.holders[index]?.last ?? 0) < (this.holders[oldest]?.last ?? 0)) oldest = index;
    return oldest;
  }
}
