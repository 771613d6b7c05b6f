/**
 * The decisions of a backtest: what the policy would have ordered, by the same `decide` as in the worker, and which requests
 * a bouncer that holds them would have refused. As if nobody had intervened and all were enforced: what a dry run records
 * or what waits for a person counts, a person's own decisions and the room for blocks within a minute do not.
 */
import type { Decision, EnforceableSubject, PolicyMode, RequestLog, Settings, VerdictReport } from '@plimsoll/contracts';
import type { EvidenceLog } from '../evidence.js';
import type { Finding } from '../finding.js';
import { decide, enforceableSubject, type Ruling } from '../policy.js';
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
/** Decisions in all; beyond it none is made, and it is counted. */
const MOST = 200_000;
const HARDNESS = { monitor: 0, throttle: 1, challenge: 2, block: 3 } as const;

const nameOf = (type: string, id: string) => `${type}\n${id}`;

export class DecisionBook {
  readonly #all: BookedDecision[] = [];
  readonly #bySubject = new Map<string, BookedDecision[]>();
  readonly #paces = new Map<string, Pace>();
  /** The last end of any: before it nothing can be refused. */
  #until = 0;
  dropped = 0;

  constructor(private readonly rules: DecisionRules) {}

  get decisions(): readonly BookedDecision[] {
    return this.#all;
  }

  /** What follows from a finding that went into an alert. */
  rule(finding: Finding, evidence: readonly EvidenceLog[]): void {
    if (finding.phase === 'ended' || this.rules.policy === 'monitor') return;
    const requests = evidence.map(({ log }) => log);
    const asked = enforceableSubject(finding, requests);
    if (!asked) return;
    const { policy, settings } = this.rules;
    const now = finding.ts;
    const of = this.#bySubject.get(nameOf(...partsOf(this.rules.held(asked)))) ?? [];
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
    const parties = [nameOf(...partsOf(this.rules.held({ type: 'address', id: ip })))];
    if (actor !== undefined && authenticated) parties.push(nameOf('actor', actor));
    if (credential !== undefined) parties.push(nameOf('credential', credential));
    let refused = false;
    for (const party of parties) {
      for (const each of this.#bySubject.get(party) ?? []) {
        if (each.liftedAt !== null || each.until <= ts || each.createdAt > ts) continue;
        if (each.endpoint !== null && each.endpoint !== endpoint) continue;
        if (each.action === 'block' || (each.action === 'throttle' && !this.#paceOf(each).admits(ts))) refused = true;
      }
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

  #obey(ruling: Ruling, { ts, kind, subject, endpoint }: Finding): void {
    if (ruling.type === 'prolong') {
      const known = this.#all[Number(ruling.decisionId)];
      if (known) known.until = Math.max(known.until, ruling.until);
      this.#until = Math.max(this.#until, ruling.until);
    }
    if (ruling.type !== 'create') return;
    if (this.#all.length >= MOST) {
      this.dropped += 1;
      return;
    }
    const decision = this.#made(ruling, ts, { kind, subject, endpoint });
    const name = nameOf(...partsOf(decision.subject));
    const before = this.#bySubject.get(name) ?? [];
    for (const each of before) {
      if (each.liftedAt === null && each.until > ts && each.endpoint === decision.endpoint) each.liftedAt = ts;
    }
    this.#all.push(decision);
    this.#bySubject.set(name, [...before.slice(1 - MOST_OF_ONE), decision]);
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

const partsOf = ({ type, id }: EnforceableSubject): [type: string, id: string] => [type, id];
