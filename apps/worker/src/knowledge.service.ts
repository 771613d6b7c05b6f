/**
 * What all shards of this process share: templates of endpoints, populations (the prior of every model), and the services'
 * policies and settings. Told by Redis as other workers learn; read again now and then, since a message may be lost.
 */
import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_SETTINGS, type PolicyMode, type RequestLog, type Settings } from '@plimsoll/contracts';
import { budgetStretch, type Model, type Population, type Surge, Templates, withDemoted } from '@plimsoll/detection';
import {
  type Collapse,
  countOpened,
  listDemotions,
  listServices,
  loadKnowledge,
  saveCollapses,
  savePopulations,
  saveUsual,
  subscribeKnowledge,
  tellSurges,
} from '@plimsoll/storage';
import { CONTEXT, type Context } from './context.js';

export interface ServiceRules {
  policy: PolicyMode;
  dryRun: boolean;
  settings: Settings;
}

const RULES_TTL_MS = 2_000;
const REREAD_MS = 60_000;
/** The budget speaks of 24 hours; one count in ten seconds keeps up with any storm. */
const BUDGET_EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
/** Endpoints whose present level is kept for models that join; one forgotten is told of anew while it surges. */
const MAX_SURGES = 10_000;
/** For a service whose row is gone: watch, and decide nothing. */
const UNKNOWN: ServiceRules = { policy: 'monitor', dryRun: false, settings: DEFAULT_SETTINGS };

@Injectable()
export class KnowledgeService {
  readonly #context: Context;
  readonly #templates = new Templates();
  readonly #populations = new Map<string, Population>();
  /** How far endpoints are above their usual: the last word about each, the one heard longest ago first. */
  readonly #surges = new Map<string, Surge>();
  readonly #models = new Set<Model>();
  /** Learnt here and not yet kept: stays until Redis has taken it. */
  #unsaved: { populations: Population[]; collapses: Collapse[] } = { populations: [], collapses: [] };
  #rules = new Map<string, ServiceRules>();
  #rulesAt = Number.NEGATIVE_INFINITY;
  /** By how much the alert budget stretches the limits of each service. */
  readonly #stretches = new Map<string, number>();
  #stretchedAt = Number.NEGATIVE_INFINITY;
  #unsubscribe: (() => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(@Inject(CONTEXT) context: Context) {
    this.#context = context;
  }

  async open(): Promise<void> {
    const { subscriber, env } = this.#context;
    this.#unsubscribe = await subscribeKnowledge(subscriber, env.PLIMSOLL_NAMESPACE, (message) => {
      if ('populations' in message) this.#takePopulations(message.populations);
      else if ('surges' in message) this.#takeSurges(message.surges);
      else this.#takeCollapses(message.collapses);
    });
    await this.#reread();
    this.#timer = setInterval(() => void this.#reread().catch(() => {}), REREAD_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#unsubscribe?.();
  }

  /** From now on `model` is given every population; first those known already. */
  join(model: Model): void {
    this.#models.add(model);
    for (const [service, factor] of this.#stretches) model.stretch(service, factor);
    for (const population of this.#populations.values()) model.setPopulation(population);
    for (const surge of this.#surges.values()) model.setSurge(surge);
  }

  leave(model: Model): void {
    this.#models.delete(model);
  }

  endpointOf(service: string, log: RequestLog): string {
    return this.#templates.endpointOf(service, log.method, log.route, log.path, log.status);
  }

  /**
   * Policy and settings of each service, at most 2 s old, with demoted kinds at monitor. While PostgreSQL is away the caller waits.
   *
   * @param asked services that it is about: one that was made since the last look is looked up at once, or its first requests would
   *   lead to alerts alone
   */
  async rules(asked: readonly string[] = []): Promise<(service: string) => ServiceRules> {
    const now = this.#context.now();
    if (now - this.#rulesAt > RULES_TTL_MS || asked.some((service) => !this.#rules.has(service))) {
      const { db } = this.#context;
      const [services, demotions] = await Promise.all([listServices(db), listDemotions(db)]);
      const demotedIn = (id: string) => demotions.filter(({ service }) => service === id).map(({ kind }) => kind);
      this.#rules = new Map(
        services.map(({ id, policy, dryRun, settings }) => [
          id,
          { policy, dryRun, settings: this.#same(id, withDemoted(settings, demotedIn(id))) },
        ]),
      );
      this.#rulesAt = now;
      if (now - this.#stretchedAt > BUDGET_EVERY_MS) await this.#stretch(now);
    }
    const rules = this.#rules;
    return (service) => rules.get(service) ?? UNKNOWN;
  }

  /** The object that was there before where nothing changed: what was compiled from it stays good. */
  #same(id: string, settings: Settings): Settings {
    const before = this.#rules.get(id)?.settings;
    return before && JSON.stringify(before) === JSON.stringify(settings) ? before : settings;
  }

  /** Thresholds follow the alert budget: see `budgetStretch`. */
  async #stretch(now: number): Promise<void> {
    const opened = await countOpened(this.#context.db, now - DAY_MS);
    this.#stretchedAt = now;
    for (const [id, { settings }] of this.#rules) {
      const factor = budgetStretch(opened.get(id) ?? 0, settings.alertBudget);
      if (factor !== (this.#stretches.get(id) ?? 1))
        this.#context.log.info({ service: id, factor }, 'limits follow the alert budget');
      this.#stretches.set(id, factor);
      for (const model of this.#models) model.stretch(id, factor);
    }
  }

  /** Keeps and tells what a shard's model and the templates learnt since the last time. */
  async publish(model: Model): Promise<void> {
    const { redis, env } = this.#context;
    const populations = model.takePopulations();
    this.#takePopulations(populations);
    const surges = model.takeSurges();
    this.#takeSurges(surges);
    const unsaved = {
      populations: [...this.#unsaved.populations, ...populations],
      collapses: [...this.#unsaved.collapses, ...this.#templates.takeCollapses()],
    };
    this.#unsaved = unsaved;
    await Promise.all([
      savePopulations(redis, env.PLIMSOLL_NAMESPACE, unsaved.populations),
      saveCollapses(redis, env.PLIMSOLL_NAMESPACE, unsaved.collapses),
      tellSurges(redis, env.PLIMSOLL_NAMESPACE, surges),
      saveUsual(redis, env.PLIMSOLL_NAMESPACE, model.takeUsual()),
    ]);
    const rest = <T>(all: T[], saved: T[]) => all.filter((each) => !saved.includes(each));
    this.#unsaved = {
      populations: rest(this.#unsaved.populations, unsaved.populations),
      collapses: rest(this.#unsaved.collapses, unsaved.collapses),
    };
  }

  async #reread(): Promise<void> {
    const { populations, collapses } = await loadKnowledge(this.#context.redis, this.#context.env.PLIMSOLL_NAMESPACE);
    this.#takePopulations(populations);
    this.#takeCollapses(collapses);
  }

  #takePopulations(populations: readonly Population[]): void {
    for (const population of populations) {
      this.#populations.set(`${population.service}\n${population.endpoint}`, population);
      for (const model of this.#models) model.setPopulation(population);
    }
  }

  #takeSurges(surges: readonly Surge[]): void {
    for (const surge of surges) {
      const key = `${surge.service}\n${surge.endpoint}`;
      this.#surges.delete(key);
      this.#surges.set(key, surge);
      for (const model of this.#models) model.setSurge(surge);
    }
    for (const oldest of this.#surges.keys()) {
      if (this.#surges.size <= MAX_SURGES) break;
      this.#surges.delete(oldest);
    }
  }

  #takeCollapses(collapses: readonly Collapse[]): void {
    for (const { service, collapse } of collapses) this.#templates.restore(service, [collapse]);
  }
}
