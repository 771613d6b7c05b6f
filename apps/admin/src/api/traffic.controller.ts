/** Traffic: the first screen, series for charts, endpoints of a service. */
import { Controller } from '@nestjs/common';
import { getService, listEndpoints, readOverview, trafficSeries } from '@plimsoll/storage';
import { type Sight, SightOf } from '../access/sight.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

@Controller()
export class TrafficController {
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

  @Implements('endpoints')
  async endpoints(@Input() { params }: InputOf<'endpoints'>): AnswerOf<'endpoints'> {
    if ((await getService(this.context.db, params.id)) === undefined) {
      throw new ProblemError('not-found', 'There is no such service.');
    }
    return { items: await listEndpoints(this.context.db, params.id) };
  }
}
