/**
 * What the logs of this shard leave for other entities until the next take: failed sign-ins and misses for the address and
 * the account, closed blocks for the endpoint. One entry an entity and second, so that a flood makes one contribution a
 * second; a log that is ordinary leaves nothing.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { DISTINCT_CAP, MAX_SAMPLES, WINDOWS } from './constants.js';
import type { ActorContribution, AddressContribution, BlockSums, Contribution } from './contribution.js';
import { shapeOf } from './entities/segments.js';
import { isPast } from './entities/sources.js';
import { secondOf } from './rate/windows.js';

/** What is noteworthy about a log beside its rate. */
export interface Noteworthy {
  failure: boolean;
  success: boolean;
  miss: boolean;
  /** A bouncer answered in the host's place. */
  refused: boolean;
  /** The endpoint is known as a sign-in. */
  signIn: boolean;
}

/** Names and shapes are cut to this, so that a contribution stays small whatever a client sends. */
const MAX_TEXT = 256;

const MISSES = new Set([400, 403, 404, 405]);

/** 401 is a failed sign-in unless the host says otherwise; 403 and 422 are, where people sign in. */
export function failed({ auth, status }: RequestLog, signIn: boolean): boolean {
  return auth === undefined ? status === 401 || (signIn && (status === 403 || status === 422)) : auth === 'failure';
}

export function noteworthy(log: RequestLog, signIn: boolean): Noteworthy | undefined {
  const { auth, status } = log;
  const refused = log.verdict !== 'allow';
  const failure = failed(log, signIn);
  const success = auth === 'success';
  const miss = !failure && !success && MISSES.has(status);
  return failure || success || miss || refused ? { failure, success, miss, refused, signIn } : undefined;
}

export interface ClosedBlock {
  window: number;
  /** When it ended. */
  second: number;
  peak: number;
  /** How much it says about strangers. */
  weight: number;
  flagged: boolean;
}

type Failures = AddressContribution | ActorContribution;

/** A contribution in the making. Away from sign-ins, failures are counted by endpoint and the busiest counts. */
interface Entry<T extends Failures> {
  contribution: T;
  elsewhere: Map<string, number>;
}

export class Ledger {
  #addresses = new Map<string, Entry<AddressContribution>>();
  #actors = new Map<string, Entry<ActorContribution>>();
  #blocks = new Map<string, { service: string; id: string; second: number; sums: Map<number, BlockSums> }>();

  /**
   * @param requests requests of the log's source in the last minute and hour, this one included
   */
  note(service: string, log: RequestLog, endpoint: string, what: Noteworthy, requests: { minute: number; hour: number }): void {
    const address = this.#address(service, log);
    address.contribution.requests = Math.max(address.contribution.requests, requests.minute);
    address.contribution.requestsHour = Math.max(address.contribution.requestsHour, requests.hour);
    this.#outcome(address, log, endpoint, what);
    if (what.miss || what.refused) address.contribution.vain = (address.contribution.vain ?? 0) + 1;
    if (what.miss) {
      const shape = shapeOf(log.route ?? log.path).slice(0, MAX_TEXT);
      if (!addDistinct(address.contribution.misses, shape)) address.contribution.missesBeyond += 1;
    }
    const account = log.actor?.slice(0, MAX_TEXT);
    if (account === undefined || !(what.failure || what.success)) return;
    addDistinct(what.failure ? address.contribution.accounts : address.contribution.recovered, account);
    const actor = this.#actor(service, log, account);
    addDistinct(actor.contribution.addresses, log.ip);
    actor.contribution.verified &&= log.authenticated;
    this.#outcome(actor, log, endpoint, what);
  }

  /** A block of a pair was closed. */
  block(service: string, endpoint: string, { window, second, peak, weight, flagged }: ClosedBlock): void {
    const key = `${service}\n${endpoint}`;
    let entry = this.#blocks.get(key);
    if (!entry) {
      entry = { service, id: endpoint, second, sums: new Map() };
      this.#blocks.set(key, entry);
    }
    entry.second = Math.max(entry.second, second);
    const windowSeconds = WINDOWS[window]?.seconds ?? 1;
    const kind = flagged ? -windowSeconds : windowSeconds;
    const sums = entry.sums.get(kind) ?? { windowSeconds, flagged, blocks: 0, sum: 0, sumOfSquares: 0 };
    sums.blocks += weight;
    sums.sum += weight * peak;
    sums.sumOfSquares += weight * peak * peak;
    entry.sums.set(kind, sums);
  }

  /** Everything since the last take, in order of event time. */
  take(): Contribution[] {
    const failures = [...this.#addresses.values(), ...this.#actors.values()].map(({ contribution, elsewhere }) => {
      contribution.authFailures += Math.max(0, ...elsewhere.values());
      return contribution;
    });
    const blocks = [...this.#blocks.values()].map(
      ({ service, id, second, sums }): Contribution => ({ entity: 'endpoint', service, id, second, sums: [...sums.values()] }),
    );
    this.#addresses = new Map();
    this.#actors = new Map();
    this.#blocks = new Map();
    return [...failures, ...blocks].sort((a, b) => a.second - b.second);
  }

  #outcome(entry: Entry<Failures>, log: RequestLog, endpoint: string, what: Noteworthy): void {
    const { contribution, elsewhere } = entry;
    addSample(contribution.samples, log);
    if (what.success) contribution.authSuccesses += 1;
    if (!what.failure) return;
    const first = contribution.authFailures === 0 && contribution.credentials.length === 0 && elsewhere.size === 0;
    contribution.endpoint = first || contribution.endpoint === endpoint ? endpoint : null;
    if (log.credential !== undefined) addDistinct(contribution.credentials, log.credential.slice(0, MAX_TEXT));
    else if (!what.signIn) count(elsewhere, endpoint);
    else {
      contribution.authFailures += 1;
      contribution.signInFailures += 1;
    }
  }

  #address(service: string, log: RequestLog): Entry<AddressContribution> {
    const second = secondOf(log.ts);
    const key = `${service}\n${second}\n${isPast(log)}\n${log.ip}`;
    let entry = this.#addresses.get(key);
    if (!entry) {
      const contribution: AddressContribution = {
        entity: 'address',
        id: log.ip,
        ...blank(service, second, isPast(log)),
        requests: 0,
        requestsHour: 0,
        vain: 0,
        accounts: [],
        recovered: [],
        misses: [],
        missesBeyond: 0,
      };
      entry = { contribution, elsewhere: new Map() };
      this.#addresses.set(key, entry);
    }
    return entry;
  }

  #actor(service: string, log: RequestLog, id: string): Entry<ActorContribution> {
    const second = secondOf(log.ts);
    const key = `${service}\n${second}\n${isPast(log)}\n${id}`;
    let entry = this.#actors.get(key);
    if (!entry) {
      const common = blank(service, second, isPast(log));
      entry = { contribution: { entity: 'actor', id, ...common, verified: true, addresses: [] }, elsewhere: new Map() };
      this.#actors.set(key, entry);
    }
    return entry;
  }
}

function blank(service: string, second: number, historical: boolean) {
  const none: string[] = [];
  const endpoint: string | null = null;
  const samples: RequestLog[] = [];
  const counts = { authFailures: 0, signInFailures: 0, authSuccesses: 0 };
  return { service, second, ...counts, credentials: none, endpoint: endpoint as string | null, historical, samples };
}

/** False where the list is full and the text is not in it. */
function addDistinct(list: string[], text: string): boolean {
  if (list.includes(text)) return true;
  if (list.length >= DISTINCT_CAP) return false;
  list.push(text);
  return true;
}

/** The first of them opened what follows; of the rest the newest are kept. */
function addSample(samples: RequestLog[], log: RequestLog): void {
  if (samples.length >= MAX_SAMPLES) samples.splice(1, 1);
  samples.push(log);
}

/** Endpoints told apart within one second; what is beyond counts with the first. */
function count(elsewhere: Map<string, number>, endpoint: string): void {
  const [first = endpoint] = elsewhere.keys();
  const key = elsewhere.has(endpoint) || elsewhere.size < DISTINCT_CAP ? endpoint : first;
  elsewhere.set(key, (elsewhere.get(key) ?? 0) + 1);
}
