/**
 * The decisions of a backtest: what the policy would have ordered, by the same `decide` as in the worker, and which requests
 * a bouncer that holds them would have refused. As if nobody had intervened and all were enforced: what a dry run records
 * or what waits for a person counts, a person's own decisions and the room for blocks within a minute do not.
 */
import type { Decision, EnforceableSubject, PolicyMode, RequestLog, Settings, VerdictReport } from '@plimsoll/contracts';
import type { EvidenceLog } from '../evidence.js';
import type { Finding } from '../finding.js';
import { decide, enforceableSubject, type Ruled, type Ruling } from '../policy.js';
import { alertKey } from './alert-book.js';
import { Pace } from './pace.js';

export interface BookedDecision extends Decision {
  finding: Pick<Finding, 'kind' | 'subject' | 'endpoint'>;
}

export interface DecisionRules {
  service: string;
  policy: PolicyMode;
  settings: Settings;
  /** Whom a decision on this subject holds: of an IPv6 address its network. */
  held: (subject: EnforceableSubject) => EnforceableSubject;
}

/** Decisions kept of one subject, the newest: more say nothing new of it. */
const MOST_OF_ONE = 200;
/** Addresses remembered with whom they are held by; then all are forgotten at once. */
const MOST_HELD = 20_000;
const HARDNESS = { monitor: 0, throttle: 1, challenge: 2, block: 3 } as const;

export class DecisionBook {
  readonly #all: BookedDecision[] = [];
  readonly #bySubject: Record<EnforceableSubject['type'], Map<string, BookedDecision[]>> = {
    address: new Map(),
    actor: new Map(),
    credential: new Map(),
  };
  readonly #paces = new Map<string, Pace>();
  /** Whom an address is held by, of those seen lately. */
  readonly #held = new Map<string, string>();
  /** The last end of any: before it nothing can be refused. */
  #until = 0;
  /** Episodes of a decision for which there was no room; beyond as many as may be kept they are not told apart. */
  readonly #unmade = new Set<string>();

  /** @param most decisions in all; beyond it none is made, and it is counted. */
  constructor(
    private readonly rules: DecisionRules,
    private readonly most = 200_000,
  ) {}

  get decisions(): readonly BookedDecision[] {
    return this.#all;
  }

  /** Decisions for which there was no room, one an episode; at most as many as are kept. */
  get dropped(): number {
    return this.#unmade.size;
  }

  /** What follows from a finding that went into an alert. */
  rule(finding: Finding, evidence: readonly EvidenceLog<Ruled>[]): void {
    if (finding.phase === 'ended' || this.rules.policy === 'monitor') return;
    const requests = evidence.map(({ log }) => log);
    const asked = enforceableSubject(finding, requests);
    if (!asked) return;
    const { policy, settings } = this.rules;
    const now = finding.ts;
    const { type, id } = this.rules.held(asked);
    const of = this.#bySubject[type].get(id) ?? [];
    const standing = of.filter((each) => each.liftedAt === null && each.until > now);
    const active = standing
      .filter((each) => each.endpoint === finding.endpoint || each.endpoint === null)
      .sort((a, b) => HARDNESS[b.action] - HARDNESS[a.action])[0];
    const earlier = of.filter((each) => !standing.includes(each) && each.liftedBy === null);
    this.#obey(decide(finding, { policy, settings, requests, active, earlier, now }), finding);
  }

  /** Whether a bouncer would have refused this request. */
  refuses(log: RequestLog, endpoint: string): boolean {
    if (log.ts >= this.#until) return false;
    const { ip, actor, credential, authenticated, ts } = log;
    const { address: addresses, actor: actors, credential: credentials } = this.#bySubject;
    let refused = false;
    // Each of them counts the request, whoever refuses it.
    const ask = (decisions: readonly BookedDecision[] | undefined) => {
      if (decisions && this.#refuse(decisions, ts, endpoint)) refused = true;
    };
    if (addresses.size > 0) ask(addresses.get(this.#heldBy(ip)));
    if (actor !== undefined && authenticated) ask(actors.get(actor));
    if (credential !== undefined) ask(credentials.get(credential));
    return refused;
  }

  #heldBy(ip: string): string {
    const known = this.#held.get(ip);
    if (known !== undefined) return known;
    if (this.#held.size >= MOST_HELD) this.#held.clear();
    const { id } = this.rules.held({ type: 'address', id: ip });
    this.#held.set(ip, id);
    return id;
  }

  #refuse(decisions: readonly BookedDecision[], ts: number, endpoint: string): boolean {
    let refused = false;
    for (const each of decisions) {
      if (each.liftedAt !== null || each.until <= ts || each.createdAt > ts) continue;
      if (each.endpoint !== null && each.endpoint !== endpoint) continue;
      if (each.action === 'block' || (each.action === 'throttle' && !this.#paceOf(each).admits(ts))) refused = true;
    }
    return refused;
  }

  /** An alert was false, or meant an expected change: what was decided because of it is undone, and no earlier offence. */
  undo(report: VerdictReport): void {
    if (report.verdict === 'true-positive') return;
    const key = alertKey(report);
    for (const decision of this.#all) {
      if (alertKey(decision.finding) !== key) continue;
      decision.liftedBy = 'verdict';
      if (decision.liftedAt === null && decision.until > report.judgedAt) decision.liftedAt = report.judgedAt;
    }
  }

  #obey(ruling: Ruling, { ts, kind, subject, endpoint, logId }: Finding): void {
    if (ruling.type === 'prolong') {
      const known = this.#all[Number(ruling.decisionId)];
      if (known) known.until = Math.max(known.until, ruling.until);
      this.#until = Math.max(this.#until, ruling.until);
    }
    if (ruling.type !== 'create') return;
    if (this.#all.length >= this.most) {
      if (this.#unmade.size < this.most) this.#unmade.add(`${alertKey({ kind, subject, endpoint })}\n${logId}`);
      return;
    }
    const decision = this.#made(ruling, ts, { kind, subject, endpoint });
    const of = this.#bySubject[decision.subject.type];
    const before = of.get(decision.subject.id) ?? [];
    for (const each of before) {
      if (each.liftedAt === null && each.until > ts && each.endpoint === decision.endpoint) each.liftedAt = ts;
    }
    this.#all.push(decision);
    of.set(decision.subject.id, [...before.slice(1 - MOST_OF_ONE), decision]);
    this.#until = Math.max(this.#until, decision.until);
  }

  #made(ruling: Ruling & { type: 'create' }, ts: number, finding: BookedDecision['finding']): BookedDecision {
    const { step, subject, endpoint, rate, until, reason } = ruling;
    const { service, policy, held } = this.rules;
    return {
      id: String(this.#all.length),
      service,
      version: 0,
      mode: 'enforced',
      action: step.action,
      seconds: step.seconds,
      weight: 1,
      subject: held(subject),
      endpoint,
      rate,
      reason,
      origin: { type: 'policy', name: policy },
      alertId: null,
      createdAt: ts,
      until,
      changedAt: ts,
      liftedAt: null,
      liftedBy: null,
      provedAt: null,
      finding,
    };
  }

  #paceOf({ id, rate }: BookedDecision): Pace {
    const known = this.#paces.get(id);
    if (known) return known;
    const pace = new Pace(rate ?? { requests: 1e9, windowSeconds: 1 });
    this.#paces.set(id, pace);
    return pace;
  }
}
