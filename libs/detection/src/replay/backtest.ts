/**
 * A backtest: other settings over logs that have happened, with the real model, and the alerts and decisions that would have
 * come of it beside those that did. People's verdicts come back at the time at which they were given. The model is told
 * the bouncer's answers as they were recorded; what it would have answered is only counted.
 */
import type { AlertKind, BacktestResult, ComparedAlert, ComparedDecision, RequestLog, VerdictReport } from '@plimsoll/contracts';
import type { Population } from '../contribution.js';
import { Evidence } from '../evidence.js';
import type { Finding } from '../finding.js';
import type { Ruled } from '../policy.js';
import { AlertBook, alertKey, type BookedAlert } from './alert-book.js';
import { compareAlerts, compareDecisions, type LiveAlert, type LiveDecision } from './compare.js';
import { type BookedDecision, DecisionBook, type DecisionRules } from './decision-book.js';
import { Replay, type Shards } from './replay.js';

export interface BacktestPlan extends DecisionRules {
  /** What is compared begins here and ends there; logs before it are the warm-up. Milliseconds since the epoch. */
  from: number;
  to: number;
  shards: Shards;
  /** Alerts and decisions that a list names; it counts the others. */
  mostNamed: number;
  /** Alerts, and decisions, that are kept to be compared; for others there is no room, and they are counted. */
  mostKept?: number;
}

/** What the live run left in the records. */
export interface LiveRun {
  alerts: readonly LiveAlert[];
  decisions: readonly LiveDecision[];
  /** Oldest first. */
  verdicts: readonly VerdictReport[];
  /** How many alerts and decisions there were beyond these. */
  cut: number;
}

/** What a backtest says of itself; how it was run is said by who ran it. */
export type BacktestOutcome = Pick<BacktestResult, 'kinds' | 'alerts' | 'decisions' | 'refused' | 'requests' | 'cut'>;

/**
 * Of a request that is kept for a while: what a ruling looks at. Were whole requests kept, the last twenty of each source, nearly all of
 * them would grow old, and moving those in memory would cost as much as judging them.
 */
type Brief = Ruled & Pick<RequestLog, 'ip'>;
const briefOf = ({ ts, verdict, actor, authenticated, credential, ip }: RequestLog) =>
  ({ ts, verdict, actor, authenticated, credential, ip }) as Brief;

export class Backtest {
  readonly #replay: Replay;
  readonly #alerts: AlertBook;
  readonly #decisions: DecisionBook;
  readonly #evidence = new Evidence<Brief>();
  #heeded = 0;
  #requests = 0;
  readonly #refused = { live: 0, backtest: 0 };

  constructor(
    private readonly plan: BacktestPlan,
    private readonly live: LiveRun,
  ) {
    this.#replay = new Replay(plan.settings, (finding) => this.#take(finding), plan.shards);
    this.#alerts = new AlertBook(plan.mostKept);
    this.#decisions = new DecisionBook(plan, plan.mostKept);
  }

  /** Takes over what a shard had learnt by the time at which the logs begin. */
  restore(shard: number, entries: Iterable<[key: string, state: Uint8Array]>): void {
    this.#replay.restore(shard, entries);
  }

  know(populations: readonly Population[]): void {
    this.#replay.know(populations);
  }

  /** Verdicts given before this time are in what was restored. */
  passOver(at: number): void {
    while ((this.live.verdicts[this.#heeded]?.judgedAt ?? Number.POSITIVE_INFINITY) < at) this.#heeded += 1;
  }

  /** The next logs, in order of time, each with the endpoint that it was counted for. */
  take(logs: readonly RequestLog[], endpoints: readonly string[]): void {
    this.#replay.takeAll(this.plan.service, logs, endpoints, (log, endpoint) => this.#note(log, endpoint));
  }

  finish(): BacktestOutcome {
    this.#replay.finish();
    const alerts = compareAlerts(this.live.alerts, this.#alerts.alerts, this.plan);
    const decisions = compareDecisions(this.live.decisions, this.#decisions.decisions, this.plan);
    const verdicts = new Map(this.live.alerts.map((alert) => [alertKey(alert), alert.verdict]));
    const changed = alerts.both.filter(([live, tested]) => live.severity !== tested.severity);
    const come = alerts.come.map((each) => told(each));
    const go = alerts.go.map(toldLive);
    const cut = this.live.cut + this.#alerts.dropped + this.#decisions.dropped;
    const bounded = <T>(items: T[]) => ({ items: items.slice(0, this.plan.mostNamed), total: items.length });
    return {
      requests: this.#requests,
      kinds: countKinds(
        alerts.both.map(([live]) => live.kind),
        come,
        go,
      ),
      alerts: {
        come: bounded(come),
        go: bounded(go),
        change: bounded(changed.map(([live, tested]) => told(tested, live))),
        stay: alerts.both.length - changed.length,
      },
      decisions: {
        come: bounded(decisions.come.map((each) => decided(each, verdicts))),
        go: bounded(decisions.go.map(decidedLive)),
        stay: decisions.both.length,
      },
      refused: { ...this.#refused },
      ...(cut > 0 && { cut }),
    };
  }

  #note(log: RequestLog, endpoint: string): void {
    this.#heedUntil(log.ts);
    const { service, from, policy } = this.plan;
    if (policy !== 'monitor') this.#evidence.note(service, briefOf(log), endpoint);
    if (log.ts < from) {
      this.#decisions.refuses(log, endpoint);
      return;
    }
    this.#requests += 1;
    if (log.verdict !== 'allow') this.#refused.live += 1;
    if (this.#decisions.refuses(log, endpoint)) this.#refused.backtest += 1;
  }

  #heedUntil(ts: number): void {
    for (let next = this.live.verdicts[this.#heeded]; next && next.judgedAt <= ts; next = this.live.verdicts[this.#heeded]) {
      this.#replay.heed(next);
      this.#alerts.resolve(next);
      this.#decisions.undo(next);
      this.#heeded += 1;
    }
  }

  #take(finding: Finding): void {
    // What was restored may hold other services too.
    if (finding.service !== this.plan.service) return;
    if (!this.#alerts.take(finding)) return;
    this.#decisions.rule(finding, this.#evidence.of(finding));
  }
}

const aboutAlert = ({ kind, subject, endpoint, severity, requests, explanation }: BookedAlert | LiveAlert) => ({
  kind,
  subject,
  endpoint,
  severity,
  requests,
  explanation,
});

const told = (tested: BookedAlert, live?: LiveAlert): ComparedAlert => ({
  ...aboutAlert(tested),
  openedAt: tested.openedAt,
  verdict: live?.verdict ?? null,
  ...(live && { alertId: live.id, severityBefore: live.severity }),
});

const toldLive = (live: LiveAlert): ComparedAlert => ({
  ...aboutAlert(live),
  openedAt: live.firstAt,
  verdict: live.verdict,
  alertId: live.id,
});

function decided(tested: BookedDecision, verdicts: ReadonlyMap<string, ComparedDecision['verdict']>): ComparedDecision {
  const { subject, endpoint, createdAt, until, reason, finding } = tested;
  const action = tested.action === 'monitor' ? 'throttle' : tested.action;
  const verdict = verdicts.get(alertKey(finding)) ?? null;
  return { action, subject, endpoint, kind: finding.kind, decidedAt: createdAt, until, reason, verdict };
}

const decidedLive = ({ createdAt, alertAt: _, ...live }: LiveDecision): ComparedDecision => ({ ...live, decidedAt: createdAt });

/** The most frequent first. */
function countKinds(
  both: readonly AlertKind[],
  come: readonly ComparedAlert[],
  go: readonly ComparedAlert[],
): BacktestResult['kinds'] {
  const kinds = new Map<AlertKind, BacktestResult['kinds'][number]>();
  const of = (kind: AlertKind) => {
    const known = kinds.get(kind) ?? { kind, live: 0, backtest: 0, come: 0, go: 0 };
    kinds.set(kind, known);
    return known;
  };
  for (const kind of both) {
    of(kind).live += 1;
    of(kind).backtest += 1;
  }
  for (const { kind } of come) {
    of(kind).come += 1;
    of(kind).backtest += 1;
  }
  for (const { kind } of go) {
    of(kind).go += 1;
    of(kind).live += 1;
  }
  const size = ({ live, come: more }: { live: number; come: number }) => live + more;
  return [...kinds.values()].sort((a, b) => size(b) - size(a) || (a.kind < b.kind ? -1 : 1));
}
