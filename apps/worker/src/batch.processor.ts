/**
 * The one place where the model meets the edges. A job is taken through four steps, forward only:
 *
 *   open     is this batch committed already? which of its logs were counted before? whose policy and settings hold?
 *   assess, learn, decide    each log in turn, by the model of the shard (libs/detection)
 *   commit   one PostgreSQL transaction: fence, batch id, roll-ups, alerts, decisions (storage/batches.ts)
 *   publish  live channel, decision feed, contributions for other shards
 *
 * Once a log is learnt it must be committed: commit and publish are repeated while the stores are away, and nothing else
 * happens in this shard meanwhile. A killed worker's successor learns the batch again (takeover.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestLog } from '@plimsoll/contracts';
import type { Contribution, EvidenceLog, Finding } from '@plimsoll/detection';
import {
  announceFeed,
  announceRisks,
  type Committed,
  commitBatch,
  databaseFault,
  Fenced,
  findBatch,
  findSeen,
  type KeptLog,
  markPresent,
  markSeen,
  type Outcome,
  publishLive,
  type ShardJob,
  settlingId,
  shardOfContribution,
} from '@plimsoll/storage';
import type { Context } from './context.js';
import { newestOf, servicesOf } from './jobs.js';
import type { KnowledgeService, ServiceRules } from './knowledge.service.js';
import { Presence } from './presence.js';
import { ruleOn } from './rulings.js';
import type { Shard } from './shard.js';
import { Tally } from './tally.js';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** Deadlocks and rows that another transaction wrote first pass on a second try; what still does not is a fault. */
const MAX_CONTENDED = 5;

/** Redis is full, loading, read-only or away: what it refused may pass later. */
const isRedisAway = (error: unknown) =>
  error instanceof Error &&
  /^(OOM|MISCONF|LOADING|READONLY|CLUSTERDOWN|TRYAGAIN|BUSY)|Connection is closed|timed out/.test(error.message);

/** What the history is handed of a batch: the logs that counted. */
const keptOf = (service: string, logs: readonly RequestLog[], endpoints: readonly string[], skipped: ReadonlySet<number>) =>
  logs.flatMap((log, index): KeptLog[] => (skipped.has(index) ? [] : [{ service, endpoint: endpoints[index] ?? '', log }]));

type Effects = Parameters<typeof commitBatch>[4];
type RulesOf = (service: string) => ServiceRules;

export class BatchProcessor {
  readonly #presence = new Presence();

  constructor(
    private readonly context: Context,
    private readonly knowledge: KnowledgeService,
  ) {}

  /** Takes one job of a shard through. Returns when everything that follows from it is stored and told. */
  async process(shard: Shard, job: ShardJob): Promise<void> {
    const before = await this.patiently(shard, () => findBatch(this.context.db, job.id));
    if (before) return shard.committed(before.seq, job.id, job.data.receivedAt);
    const rulesOf = await this.patiently(shard, () => this.knowledge.rules(servicesOf(job)));
    if (job.name === 'requests') await this.#requests(shard, job, rulesOf);
    else if (job.name === 'contributions') await this.#contributions(shard, job, rulesOf);
    else if (job.name === 'verdicts') await this.#verdict(shard, job);
  }

  /**
   * By the clock: what has calmed down since, and what a shard without traffic leaves for others. Where anything follows from it,
   * it is committed like a batch, with its clock: a killed worker's successor does it again in its place (takeover.ts).
   */
  async settle(shard: Shard): Promise<void> {
    const clock = Math.floor(shard.clock(this.context.now()));
    const findings = shard.model.settle(clock);
    const contributions = shard.model.takeContributions();
    if (findings.length === 0 && contributions.length === 0) return;
    shard.tainted = true;
    const id = settlingId(shard.lease.shard, shard.seq, clock);
    const rulesOf = await this.patiently(shard, () => this.knowledge.rules(findings.map(({ service }) => service)));
    const outcomes = await this.#rule(shard, findings, rulesOf);
    const { seq, ...told } = await this.#committed(shard, id, [], { traffic: [], outcomes });
    shard.settled(seq, id);
    await this.patiently(shard, () => this.#tell(told));
    await this.contribute(shard, id, contributions);
  }

  async #requests(shard: Shard, job: ShardJob & { name: 'requests' }, rulesOf: RulesOf): Promise<void> {
    const { service, requests } = job.data;
    const skipped = await this.patiently(shard, () => this.#counted(service, requests));
    const findings: Finding[] = [];
    const tally = new Tally(service);
    const { settings } = rulesOf(service);
    shard.tainted = true;
    // A log that the model cannot take must not hold up the others: it is left out, and said.
    const inTurn = (take: (log: RequestLog, index: number) => void) =>
      requests.forEach((log, index) => {
        if (skipped.has(index)) return;
        try {
          take(log, index);
        } catch (error) {
          skipped.add(index);
          this.context.log.error({ err: error, job: job.id, index }, 'request log left out');
        }
      });
    const endpoints: string[] = requests.map(() => '');
    inTurn((log, index) => {
      endpoints[index] = this.knowledge.endpointOf(service, log);
    });
    const counts = (_: unknown, index: number) => !skipped.has(index);
    shard.model.expect(service, requests.filter(counts), endpoints.filter(counts));
    inTurn((log, index) => {
      const endpoint = endpoints[index] ?? '';
      const assessment = shard.model.assess(service, log, endpoint, settings);
      shard.model.learn(assessment);
      tally.add(log, endpoint);
      shard.evidence.note(service, log, endpoint);
      findings.push(...assessment.findings);
    });
    await this.#present(shard, service, requests);
    shard.heard(newestOf(job));
    const outcomes = await this.#rule(shard, findings, rulesOf);
    const kept = shard.tape === undefined ? [] : keptOf(service, requests, endpoints, skipped);
    await this.#commit(shard, job, [...skipped], { traffic: tally.rows, outcomes }, kept);
    const counted = requests.flatMap((log, index) => (skipped.has(index) ? [] : log.id));
    await this.remember(shard, service, counted);
    const ticks = tally.ticks;
    if (ticks.length > 0) await this.patiently(shard, () => this.#live({ type: 'traffic', ticks }));
    await this.contribute(shard, job.id, shard.model.takeContributions());
  }

  async #contributions(shard: Shard, job: ShardJob & { name: 'contributions' }, rulesOf: RulesOf): Promise<void> {
    const findings: Finding[] = [];
    const samples = new Map<Finding, EvidenceLog[]>();
    shard.tainted = true;
    for (const contribution of job.data.contributions) {
      const found = shard.model.absorb(contribution, rulesOf(contribution.service).settings);
      findings.push(...found);
      if (contribution.entity === 'endpoint') continue;
      const shown = contribution.samples.map((log) => ({
        log,
        endpoint: this.knowledge.endpointOf(contribution.service, log),
      }));
      for (const { log, endpoint } of shown) shard.evidence.note(contribution.service, log, endpoint);
      for (const finding of found) samples.set(finding, shown);
    }
    shard.heard(newestOf(job));
    const outcomes = await this.#rule(shard, findings, rulesOf, samples);
    await this.#commit(shard, job, [], { traffic: [], outcomes });
    await this.patiently(shard, () => this.knowledge.publish(shard.model));
  }

  /** A person's verdict changes the model alone; the batch id keeps it from doing so twice. */
  async #verdict(shard: Shard, job: ShardJob & { name: 'verdicts' }): Promise<void> {
    shard.tainted = true;
    shard.model.heed(job.data.report);
    await this.note(shard, job);
  }

  /** A job that changes no record by itself is done. */
  async note(shard: Shard, job: ShardJob): Promise<void> {
    await this.#commit(shard, job, [], { traffic: [], outcomes: [] });
  }

  /** So that a log that comes again in another batch is known. */
  async remember(shard: Shard, service: string, ids: readonly string[]): Promise<void> {
    const { redis, now, log } = this.context;
    const dropped = await this.patiently(shard, () => markSeen(redis, this.#namespace, service, ids, now()));
    if (dropped > 0) log.warn({ service, dropped }, 'too many ids today: these logs would count twice if they came twice');
  }

  /** Before anything is decided: the share of the live traffic that a block stops is measured by it. */
  async #present(shard: Shard, service: string, requests: readonly RequestLog[]): Promise<void> {
    const { redis, now } = this.context;
    const at = now();
    const news = this.#presence.news(service, requests, at);
    await this.patiently(shard, () => markPresent(redis, this.#namespace, service, at, news));
  }

  /** Stage two: what a batch or a settling leaves for entities of other shards, as jobs whose ids derive from its id. */
  async contribute(shard: Shard, id: string, contributions: readonly Contribution[]): Promise<void> {
    const { queue, env, now } = this.context;
    const byShard = new Map<number, Contribution[]>();
    for (const contribution of contributions) {
      const target = shardOfContribution(contribution, env.PLIMSOLL_SHARDS);
      const part = byShard.get(target);
      if (part) part.push(contribution);
      else byShard.set(target, [contribution]);
    }
    const batches = [...byShard].map(([target, part]) => ({
      batch: id,
      shard: target,
      receivedAt: now(),
      contributions: part,
    }));
    if (batches.length > 0) await this.patiently(shard, () => queue.enqueueContributions(batches));
    await this.patiently(shard, () => this.knowledge.publish(shard.model));
  }

  /** Indexes of logs that were counted before, in another batch or earlier in this one. */
  async #counted(service: string, requests: readonly RequestLog[]): Promise<Set<number>> {
    const ids = requests.map(({ id }) => id);
    const seen = await findSeen(this.context.redis, this.#namespace, service, ids, this.context.now());
    const inBatch = new Set<string>();
    const skipped = new Set<number>();
    ids.forEach((id, index) => {
      if (seen[index] || inBatch.has(id)) skipped.add(index);
      inBatch.add(id);
    });
    return skipped;
  }

  #rule(
    shard: Shard,
    findings: readonly Finding[],
    rulesOf: RulesOf,
    samples?: ReadonlyMap<Finding, EvidenceLog[]>,
  ): Promise<Outcome[]> {
    const found = findings.map((finding) => {
      const sampled = samples?.get(finding) ?? [];
      return { finding, requests: finding.phase === 'ended' ? [] : [...shard.evidence.of(finding), ...sampled] };
    });
    return this.patiently(shard, () => ruleOn(this.context, found, rulesOf));
  }

  async #commit(
    shard: Shard,
    { id, data }: ShardJob,
    skipped: number[],
    effects: Effects,
    kept: readonly KeptLog[] = [],
  ): Promise<void> {
    const { seq, ...told } = await this.#committed(shard, id, skipped, effects);
    shard.committed(seq, id, data.receivedAt, kept);
    await this.patiently(shard, () => this.#tell(told));
  }

  #committed(shard: Shard, id: string, skipped: number[], effects: Effects): Promise<Committed> {
    let attempts = 0;
    return this.patiently(shard, async () => {
      attempts += 1;
      // A commit whose answer was lost is found here and not done again.
      const before = attempts > 1 ? await findBatch(this.context.db, id) : undefined;
      if (before) return { seq: before.seq, alerts: [], decisions: [] };
      return commitBatch(this.context.db, shard.lease, id, skipped, effects, this.context.now());
    });
  }

  async #tell({ alerts, decisions }: Omit<Committed, 'seq'>): Promise<void> {
    const newest = new Map<string, number>();
    for (const { service, version } of decisions) newest.set(service, Math.max(version, newest.get(service) ?? 0));
    for (const [service, version] of newest) {
      await announceFeed(this.context.redis, this.#namespace, service, version);
    }
    for (const service of new Set(alerts.map((alert) => alert.service))) {
      await announceRisks(this.context.redis, this.#namespace, service);
    }
    for (const decision of decisions) await this.#live({ type: 'decision', decision });
    for (const alert of alerts) await this.#live({ type: 'alert', alert });
  }

  #live(message: Parameters<typeof publishLive>[2]): Promise<void> {
    return publishLive(this.context.redis, this.#namespace, message);
  }

  /** Repeats a step until the stores answer. Gives up with the shard (lost to another worker, or given back) and on a fault that will not pass. */
  async patiently<T>(shard: Shard, step: () => Promise<T>): Promise<T> {
    let contended = 0;
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      try {
        return await step();
      } catch (error) {
        if (error instanceof Fenced) shard.lose();
        const fault = databaseFault(error);
        if (fault === 'contended') contended += 1;
        if (shard.lost || contended > MAX_CONTENDED || (fault === 'fault' && !isRedisAway(error))) throw error;
        this.context.log.warn({ err: error, shard: shard.lease.shard }, 'a store is away or in contention; trying again');
        await sleep(wait);
        if (shard.lost) throw error;
      }
    }
  }

  get #namespace(): string {
    return this.context.env.PLIMSOLL_NAMESPACE;
  }
}
