/**
 * Puts the parts together: buffer and shipping, decision feed, bouncer. The guard stands inside somebody else's API, so
 * no method throws or does I/O before it returns, and options that cannot work give a guard that lets everything pass
 * and says so once.
 */

import { randomUUID } from 'node:crypto';
import { plainAddress } from './address.js';
import { BatchSigner } from './batch-signer.js';
import { Bouncer, type Caller, PLAIN } from './bouncer.js';
import { Client, type ClientCounts } from './client.js';
import { Demand } from './demand.js';
import { type FaultCode, Faults, messageOf } from './faults.js';
import { Feed } from './feed.js';
import type { Via } from './feed-connection.js';
import { keyText } from './feed-keys.js';
import { fingerprinter } from './fingerprint.js';
import { baseOf, limitsOf, type PlimsollOptions } from './guard-options.js';
import { boundLog, cleanId, type RecordedRequest } from './log.js';
import { type Passed, Proofs } from './proofs.js';
import { Receipts } from './receipts.js';
import { type Known, Risks } from './risks.js';
import { Routes } from './routes.js';
import { Shares } from './shares.js';
import { ALLOW, type Verdict } from './verdict.js';
import { Wire } from './wire.js';

export interface GuardStats extends ClientCounts {
  /** Decisions held. */
  decisions: number;
  /** Decisions forgotten for want of room. */
  decisionsDropped: number;
  /** Subjects of whom there is a risk. */
  risks: number;
  /** Risks left out for want of room. */
  risksDropped: number;
  /** Times that a throttle had no room among those that are shared, here or at the server, and held by its own limit. */
  sharesDropped: number;
  /** Undefined before the first answer of the feed. */
  feedVersion: number | undefined;
  /** Whether all decisions are held that the server has told of, and more can come at once. */
  feedConnected: boolean;
  /** How the feed is followed: by an open stream, or by long poll where something on the way holds streams back. */
  feedVia: Via;
  verdicts: Record<Verdict['verdict'], number>;
  faults: Record<FaultCode, number>;
}

export interface Guard {
  /** The verdict on a request, from memory. A request that is let through is counted against its throttles. */
  check(caller: Caller): Verdict;
  /** What there is to hold against a caller, as `check` says it too; undefined where there is nothing. For the host's own access rules. */
  risk(caller: Caller): Known | undefined;
  /** Hands a finished request over; it is shipped in the background. Query, unknown fields and long texts are cut off. */
  record(request: RecordedRequest): void;
  /** Keyed fingerprint of a token or key: the only form in which a credential may be recorded or checked. */
  fingerprint(secret: string): string;
  /**
   * Says that the user behind an actor has just proved itself to the host: what asked for it, and policies' throttles, are lifted in
   * every instance, and its alerts tell of it. Needs a key with the scope `feedback:write`. Never rejects; nobody need wait for it.
   */
  passed(actor: string | number | bigint): Promise<Passed>;
  /** The route template that most likely serves a path, from the requests recorded so far. */
  routeOf(method: string, path: string): string | undefined;
  /** Milliseconds since Plimsoll's decisions were last confirmed; undefined before the first ones. */
  heardMsAgo(): number | undefined;
  /** Counts a fault and tells `onError`; for adapters. */
  report(code: FaultCode, message: string, cause?: unknown): void;
  stats(): GuardStats;
  /** Waits for the first decisions, at most `timeoutMs` (2,000 by default); false where they have not come by then. */
  ready(timeoutMs?: number): Promise<boolean>;
  /** Ships what is buffered, at most for `timeoutMs` (5,000 by default), then stops; counts the rest as dropped. */
  close(timeoutMs?: number): Promise<void>;
}

/** Starts a guard: it follows the decisions from now on and ships what is recorded. Never throws. */
export function plimsoll(options: PlimsollOptions): Guard {
  const onError = typeof options?.onError === 'function' ? options.onError : undefined;
  const faults = new Faults(onError);
  const base = baseOf(options, faults);
  const key = base ? options.key.trim() : '';
  const wire = new Wire(base ?? new URL('http://localhost'), key);
  const call: Wire['call'] = (request) => wire.call(request);
  const routes = new Routes();
  const shares = new Shares((at) => demand.need(at));
  const bouncer = new Bouncer(routes, undefined, shares);
  const risks = new Risks();
  const { prefix, pin } = keyText(key) ?? { prefix: '', pin: undefined };
  const instance = randomUUID();
  const feed = new Feed(wire, { prefix, pin: pin ?? '' }, bouncer, risks, faults, instance, () => receipts.applied());
  const standing = () => ({ version: feed.version, via: feed.via, receiptMs: feed.receiptMs });
  const receipts = new Receipts(call, instance, options?.instance, standing, faults);
  const demand = new Demand(call, instance, shares, (answer, asked) => feed.shares(answer, asked), faults);
  const serverNow = () => (feed.version === undefined ? Date.now() : bouncer.serverNow(performance.now()));
  const signer = new BatchSigner(call, prefix, instance, serverNow, faults, options?.signBatches === true);
  const client = new Client(limitsOf(options), call, faults, signer, (version) => feed.nudge(version));
  if (base && pin !== undefined) feed.start();
  else if (base) faults.report('config', NO_PIN);
  else {
    wire.close();
    void client.close(0);
  }
  const proofs = new Proofs(call, (version, withinMs) => feed.reached(version, withinMs), faults);
  return new OpenGuard({
    risks,
    proofs,
    faults,
    wire,
    routes,
    bouncer,
    feed,
    receipts,
    demand,
    client,
    fingerprint: fingerprinter(key),
  });
}

const NO_PIN =
  'request logs are sent, but no decision is enforced: this API key pins no signing key. Make a new key in the console';

interface Parts {
  risks: Risks;
  proofs: Proofs;
  faults: Faults;
  wire: Wire;
  routes: Routes;
  bouncer: Bouncer;
  feed: Feed;
  receipts: Receipts;
  demand: Demand;
  client: Client;
  fingerprint: (secret: string) => string;
}

class OpenGuard implements Guard {
  readonly #verdicts = { allow: 0, throttle: 0, challenge: 0, block: 0 };
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  check(caller: Caller): Verdict {
    const verdict = this.#judge(caller);
    this.#verdicts[verdict.verdict] += 1;
    return verdict;
  }

  #judge(caller: Caller): Verdict {
    const { bouncer, risks } = this.#parts;
    if (bouncer.size === 0 && risks.size === 0) return ALLOW;
    try {
      const at = caller[PLAIN];
      const now = at ?? performance.now();
      const verdict = bouncer.size === 0 ? ALLOW : bouncer.check(at === undefined ? plainCaller(caller) : caller, now);
      return risks.size === 0 ? verdict : risks.on(verdict, caller, now);
    } catch (error) {
      this.report('internal', `a request was let through unchecked: ${messageOf(error)}`, error);
      return ALLOW;
    }
  }

  risk(caller: Caller): Known | undefined {
    const { risks } = this.#parts;
    if (risks.size === 0) return undefined;
    try {
      return risks.of(caller, performance.now());
    } catch (error) {
      this.report('internal', `a risk was not found: ${messageOf(error)}`, error);
      return undefined;
    }
  }

  record(request: RecordedRequest): void {
    try {
      const log = boundLog(request, Date.now());
      if (!log) {
        this.report('record', 'a request log without a valid time, method, path or status cannot be recorded');
        return;
      }
      const { method, route } = log;
      if (route !== undefined && (request.verdict ?? 'allow') === 'allow') this.#parts.routes.learn(method, route);
      this.#parts.client.record(log);
    } catch (error) {
      this.report('record', `a request log cannot be recorded: ${messageOf(error)}`, error);
    }
  }

  fingerprint(secret: string): string {
    return this.#parts.fingerprint(String(secret));
  }

  passed(actor: string | number | bigint): Promise<Passed> {
    return this.#parts.proofs.pass(actor);
  }

  routeOf(method: string, path: string): string | undefined {
    return this.#parts.routes.locate(method, path).template;
  }

  heardMsAgo(): number | undefined {
    const at = this.#parts.feed.heardAt;
    return at === undefined ? undefined : performance.now() - at;
  }

  report(code: FaultCode, message: string, cause?: unknown): void {
    this.#parts.faults.report(code, message, cause);
  }

  stats(): GuardStats {
    const { client, bouncer, feed, faults, risks } = this.#parts;
    return {
      ...client.counts(),
      decisions: bouncer.size,
      decisionsDropped: bouncer.dropped,
      risks: risks.size,
      risksDropped: risks.dropped,
      sharesDropped: bouncer.sharesDropped,
      feedVersion: feed.version,
      feedConnected: feed.connected,
      feedVia: feed.via,
      verdicts: { ...this.#verdicts },
      faults: { ...faults.counts },
    };
  }

  async ready(timeoutMs = 2_000): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    // Keeps the process alive: whoever waits for this before listening has nothing else that does.
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), waitable(timeoutMs));
    });
    const arrived = await Promise.race([this.#parts.feed.first.then(() => true), late]);
    clearTimeout(timer);
    return arrived;
  }

  async close(timeoutMs = 5_000): Promise<void> {
    this.#parts.feed.stop();
    this.#parts.demand.stop();
    const within = waitable(timeoutMs);
    await Promise.all([this.#parts.client.close(within), this.#parts.receipts.goodbye(within)]);
    this.#parts.wire.close();
  }
}

/** Timers count milliseconds in 31 bits and turn what is more into 1; what is no number waits for nothing. */
const waitable = (ms: number): number => Math.min(Math.max(ms, 0) || 0, 2 ** 31 - 1);

/** In the form in which decisions are held. */
function plainCaller(caller: Caller): Caller {
  return {
    actor: cleanId(caller.actor, 256),
    authenticated: caller.authenticated,
    credential: caller.credential,
    ip: caller.ip === undefined ? undefined : plainAddress(caller.ip),
    endpoint: caller.endpoint,
    method: caller.method?.toUpperCase(),
    path: caller.path,
    proving: caller.proving,
    whole: caller.whole,
  };
}
