/**
 * What the logs of this shard leave for other entities until the next take: failed sign-ins and misses for the address and
 * the account, closed blocks for the endpoint. One entry an entity and second, so that a flood makes one contribution a
 * second; a log that is ordinary leaves nothing.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { ClosedBlocks } from './closed-blocks.js';
import { DISTINCT_CAP, MAX_SAMPLES } from './constants.js';
import type { ActorContribution, AddressContribution, Contribution, SignInsContribution } from './contribution.js';
import { classOf } from './entities/endpoints.js';
import { shapeOf, staticExtension } from './entities/segments.js';
import { isPast } from './entities/sources.js';
import { secondOf } from './rate/windows.js';

/** What is noteworthy about a log beside its rate. */
export interface Noteworthy {
  failure: boolean;
  success: boolean;
  miss: boolean;
  /** A bouncer answered in the host's place. */
  refused: boolean;
  /** The endpoint is known as a sign-in, or the host says that this was one. */
  signIn: boolean;
}

/** `token`: what failed is the credential. */
interface Told extends Noteworthy {
  token: boolean;
}

/** Names and shapes are cut to this, so that a contribution stays small whatever a client sends. */
const MAX_TEXT = 256;

const MISSES = new Set([400, 403, 404, 405]);

/**
 * 401 is a failed sign-in unless the host says otherwise; 403 and 422 are, where people sign in. What a bouncer refused
 * there is no more than that: the host never saw the password.
 */
export function failed({ auth, status, verdict }: RequestLog, signIn: boolean): boolean {
  if (auth !== undefined) return auth === 'failure';
  return status === 401 || (signIn && verdict === 'allow' && (status === 403 || status === 422));
}

/** A success is said by the host, or is what else a sign-in answers to who was vouched for. */
function succeeded({ auth, status, method, authenticated, verdict }: RequestLog, signIn: boolean): boolean {
  if (auth !== undefined) return auth === 'success';
  return signIn && verdict === 'allow' && authenticated && method === 'POST' && status >= 200 && status < 400;
}

export function noteworthy(log: RequestLog, signIn: boolean): Noteworthy | undefined {
  const { status } = log;
  const refused = log.verdict !== 'allow';
  const failure = failed(log, signIn);
  const success = !failure && succeeded(log, signIn);
  const miss = !failure && !success && MISSES.has(status);
  if (!(failure || success || miss || refused)) return undefined;
  return { failure, success, miss, refused, signIn: signIn || log.auth !== undefined };
}

type Failures = AddressContribution | ActorContribution;

/** A contribution in the making. Away from sign-ins, failures are counted by path and the busiest counts. */
interface Entry<T extends Failures> {
  contribution: T;
  elsewhere: Map<string, number>;
}

export class Ledger {
  readonly blocks = new ClosedBlocks();
  #addresses = new Map<string, Entry<AddressContribution>>();
  #actors = new Map<string, Entry<ActorContribution>>();
  #signIns = new Map<string, SignInsContribution>();

  /**
   * @param requests requests of the log's source in the last minute and hour, this one included
   */
  note(service: string, log: RequestLog, endpoint: string, noted: Noteworthy, requests: { minute: number; hour: number }): void {
    const what = { ...noted, token: isToken(log, endpoint) };
    const address = this.#address(service, log);
    const { contribution } = address;
    contribution.requests = Math.max(contribution.requests, requests.minute);
    contribution.requestsHour = Math.max(contribution.requestsHour, requests.hour);
    this.#outcome(address, log, endpoint, what);
    if (what.miss || what.refused || what.failure) contribution.vain = (contribution.vain ?? 0) + 1;
    if (what.miss && !addDistinct(contribution.misses, missOf(log))) contribution.missesBeyond += 1;
    const account = log.actor?.slice(0, MAX_TEXT);
    if (what.failure) contribution.vouched = (contribution.vouched ?? true) && account !== undefined && log.authenticated;
    if (what.signIn && (what.success || (what.failure && !what.token))) this.#signIn(service, log, endpoint, account, what);
    if (account === undefined || !(what.failure || what.success)) return;
    if (what.success) addDistinct(contribution.recovered, account);
    else if (isGuess(what)) contribution.tries = withTry(contribution.accounts, contribution.tries, account);
    this.#ofAccount(service, log, account, endpoint, what);
  }

  /** Everything since the last take, in order of event time. */
  take(): Contribution[] {
    if (this.#addresses.size + this.#actors.size + this.#signIns.size === 0) return inOrder(this.blocks.take());
    const failures = [...this.#addresses.values(), ...this.#actors.values()].map(({ contribution, elsewhere }) => {
      contribution.authFailures += Math.max(0, ...elsewhere.values());
      return contribution;
    });
    const signIns = [...this.#signIns.values()];
    this.#addresses = new Map();
    this.#actors = new Map();
    this.#signIns = new Map();
    return inOrder([...failures, ...signIns, ...this.blocks.take()]);
  }

  #outcome(entry: Entry<Failures>, log: RequestLog, endpoint: string, what: Told): void {
    const { contribution, elsewhere } = entry;
    addSample(contribution.samples, log);
    if (what.success) contribution.authSuccesses += 1;
    if (!what.failure) return;
    const first = contribution.authFailures === 0 && contribution.credentials.length === 0 && elsewhere.size === 0;
    contribution.endpoint = first || contribution.endpoint === endpoint ? endpoint : null;
    if (what.token) addDistinct(contribution.credentials, (log.credential ?? '').slice(0, MAX_TEXT));
    else if (!what.signIn) count(elsewhere, `${endpoint} ${log.path}`.slice(0, MAX_TEXT));
    else {
      contribution.authFailures += 1;
      contribution.signInFailures += 1;
    }
  }

  #ofAccount(service: string, log: RequestLog, account: string, endpoint: string, what: Told): void {
    const actor = this.#actor(service, log, account);
    const { contribution } = actor;
    if (what.success) {
      contribution.recovered ??= [];
      addDistinct(contribution.recovered, log.ip);
    } else if (isGuess(what)) contribution.tries = withTry(contribution.addresses, contribution.tries, log.ip);
    contribution.verified &&= log.authenticated;
    this.#outcome(actor, log, endpoint, what);
  }

  #signIn(service: string, log: RequestLog, endpoint: string, account: string | undefined, { failure }: Noteworthy): void {
    const second = secondOf(log.ts);
    const key = `${service}\n${second}\n${isPast(log)}\n${endpoint}`;
    let entry = this.#signIns.get(key);
    if (!entry) {
      const counts = { failed: [], entered: [], failures: 0, successes: 0, samples: [] };
      entry = { entity: 'sign-ins', service, id: endpoint, second, historical: isPast(log), ...counts };
      this.#signIns.set(key, entry);
    }
    const pairs = failure ? entry.failed : entry.entered;
    const known = pairs.some(([name, address]) => name === (account ?? '') && address === log.ip);
    if (!known && pairs.length < DISTINCT_CAP) pairs.push([account ?? '', log.ip]);
    if (failure) addSample(entry.samples, log);
    if (failure) entry.failures += 1;
    else entry.successes += 1;
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

const inOrder = (contributions: Contribution[]) =>
  contributions.length < 2 ? contributions : contributions.sort((a, b) => a.second - b.second);

function blank(service: string, second: number, historical: boolean) {
  const none: string[] = [];
  const endpoint: string | null = null;
  const samples: RequestLog[] = [];
  const counts = { authFailures: 0, signInFailures: 0, authSuccesses: 0 };
  return { service, second, ...counts, credentials: none, endpoint: endpoint as string | null, historical, samples };
}

/**
 * The credential itself was refused, not a secret beside it: by name alone it is known where people sign in, and who
 * tries one-time codes there carries the token of the half-open session.
 */
const isToken = ({ credential, authenticated }: RequestLog, endpoint: string) =>
  credential !== undefined && !authenticated && classOf(endpoint) !== 'sign-in';

/** A name that somebody tried a secret for; an expired token also names its owner. */
const isGuess = ({ signIn, token }: Told) => signIn && !token;

/** What was missed: ids cut out, and a folder's files of one sort are one, since a page asks for dozens of them. */
function missOf(log: RequestLog): string {
  const shape = shapeOf(log.route ?? log.path);
  const extension = staticExtension(shape);
  return (extension === '' ? shape : `${shape.slice(0, shape.lastIndexOf('/') + 1)}*${extension}`).slice(0, MAX_TEXT);
}

/** The tries beside the names: one more for `name`, which is added where there is room. */
function withTry(names: string[], before: number[] | undefined, name: string): number[] {
  const tries = before ?? [];
  if (!addDistinct(names, name)) return tries;
  const at = names.indexOf(name);
  while (tries.length < names.length) tries.push(0);
  tries[at] = (tries[at] ?? 0) + 1;
  return tries;
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

/** Paths told apart within one second; what is beyond counts with the first. */
function count(elsewhere: Map<string, number>, path: string): void {
  const [first = path] = elsewhere.keys();
  const key = elsewhere.has(path) || elsewhere.size < DISTINCT_CAP ? path : first;
  elsewhere.set(key, (elsewhere.get(key) ?? 0) + 1);
}
