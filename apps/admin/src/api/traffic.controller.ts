/** Traffic and what is made of it: the first screen, series for charts, endpoints of a service. */
import { Controller } from '@nestjs/common';
import type { Pipeline } from '@plimsoll/contracts';
import {
  feedVersions,
  getService,
  learntTraffic,
  listEndpoints,
  readDeviating,
  readOverview,
  readPipeline,
  readUsual,
  trafficSeries,
  usualTraffic,
} from '@plimsoll/storage';
import { type Sight, SightOf } from '../access/sight.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { readReach } from '../live/reach.js';
import { Briefly } from './briefly.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** Services whose receipts stand on the first screen. */
const MAX_REACHES = 50;
/** The same minutes of earlier days are read for a day at most. */
const MAX_DAYS_MINUTES = 1_440;
/** Somewhat less than pages wait between two questions, so that none is told the same twice. */
const PIPELINE_HELD_MS = 4_000;

@Controller()
export class TrafficController {
  private readonly pipelines = new Briefly<Pipeline>(PIPELINE_HELD_MS);

  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('overview')
  overview(@SightOf() sight: Sight): AnswerOf<'overview'> {
    const { alert, decision } = sight;
    return readOverview(this.context.db, this.context.now(), { within: sight.within('traffic.read'), alert, decision });
  }

  @Implements('traffic')
  async traffic(@Input() { query }: InputOf<'traffic'>, @SightOf() sight: Sight): AnswerOf<'traffic'> {
    const until = query.until ?? this.context.now();
    return { points: await trafficSeries(this.context.db, { ...query, within: sight.within('traffic.read'), until }) };
  }

  @Implements('usualTraffic')
  async usual(@Input() { query }: InputOf<'usualTraffic'>, @SightOf() sight: Sight): AnswerOf<'usualTraffic'> {
    const { db, redis, env, now } = this.context;
    const range = { ...query, within: sight.within('traffic.read'), until: query.until ?? now() };
    if (query.endpoint === undefined) {
      const services = range.within.filter((id) => query.service === undefined || id === query.service);
      const points = learntTraffic(await readUsual(redis, env.PLIMSOLL_NAMESPACE, services), range);
      if (points.length > 0) return { basis: 'model', points };
    }
    return { basis: 'days', points: range.minutes > MAX_DAYS_MINUTES ? [] : await usualTraffic(db, range) };
  }

  @Implements('deviating')
  deviating(@SightOf() sight: Sight): AnswerOf<'deviating'> {
    return readDeviating(this.context.db, this.context.now(), { within: sight.within('traffic.read'), alert: sight.alert });
  }

  @Implements('pipeline')
  pipeline(@SightOf() sight: Sight): AnswerOf<'pipeline'> {
    const services = sight.within('traffic.read');
    return this.pipelines.of(services.join(' '), this.context.now(), () => this.readPipeline(services));
  }

  @Implements('endpoints')
  async endpoints(@Input() { params }: InputOf<'endpoints'>): AnswerOf<'endpoints'> {
    if ((await getService(this.context.db, params.id)) === undefined) {
      throw new ProblemError('not-found', 'There is no such service.');
    }
    return { items: await listEndpoints(this.context.db, params.id) };
  }

  private async readPipeline(services: readonly string[]): Promise<Pipeline> {
    const { db, redis, env, now } = this.context;
    const stores = { db, redis, namespace: env.PLIMSOLL_NAMESPACE };
    const shown = services.slice(0, MAX_REACHES);
    // The versions first: an instance that takes a later one meanwhile enforces this one too.
    const versions = await feedVersions(db, shown);
    const [flow, reaches] = await Promise.all([
      readPipeline(stores, services, now()),
      Promise.all(shown.map((id) => this.reachOf(id, versions.get(id) ?? 0))),
    ]);
    return { ...flow, services: reaches.filter(({ instances, vanished }) => instances + vanished > 0) };
  }

  private async reachOf(id: string, version: number): Promise<Pipeline['services'][number]> {
    const { reach } = await readReach(this.context, id, version);
    const { instances, enforcing, behindTotal, vanishedTotal, p99Ms } = reach;
    return { id, instances, enforcing, behind: behindTotal, vanished: vanishedTotal, p99Ms };
  }
}
