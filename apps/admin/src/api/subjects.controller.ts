/** Who makes requests and where: the search over all of them, what was learnt of one, whom it is met with. */
import { Controller } from '@nestjs/common';
import { type Found, spanOf } from '@plimsoll/contracts';
import {
  findParties,
  getService,
  listServices,
  readContacts,
  readOutlook,
  readPopulations,
  searchSubjects,
} from '@plimsoll/storage';
import { type Sight, SightOf } from '../access/sight.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { AskedOf } from '../privacy/privacy-guard.js';
import { askHistory } from './history-answers.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

const DAY_MS = 86_400_000;
const MOST_FOUND = 60;

@Controller()
export class SubjectsController {
  constructor(@InjectContext() private readonly context: Context) {}

  /** Without the history the records answer alone, and the answer says so. */
  @Implements('search')
  async search(
    @Input() { query: { text } }: InputOf<'search'>,
    @SightOf() sight: Sight,
    @AskedOf() asked: ReadonlySet<string>,
  ): AnswerOf<'search'> {
    const { db, now } = this.context;
    const within = sight.within('traffic.read');
    const services = (await listServices(db)).filter(({ id }) => within.includes(id) && id.includes(text.toLowerCase()));
    const named = services.map(({ id }): Found => ({ type: 'service', id, service: id, ...NEVER, lastAt: null }));
    const { alert, decision } = sight;
    const recorded = await searchSubjects(db, text, { within, alert, decision }, now());
    const met = await this.met(text, sight.within('history.read'));
    const known = new Set(recorded.map(keyOf));
    const fresh = (met ?? []).filter((one) => !known.has(keyOf(one)));
    // By a pseudonym its actor alone is found: others would be told by holding its id in theirs.
    const all = [...named, ...inOrder([...recorded, ...fresh], text)];
    const items = (asked.has(text) ? all.filter(({ id }) => id === text) : all).slice(0, MOST_FOUND);
    return { items, history: met !== undefined };
  }

  @Implements('outlook')
  async outlook(@Input() { params, query }: InputOf<'outlook'>): AnswerOf<'outlook'> {
    const { db, redis, env, now } = this.context;
    const service = await getService(db, params.id);
    if (service === undefined) throw new ProblemError('not-found', 'There is no such service.');
    const source = { service: service.id, type: query.type, id: query.subject };
    const stores = { db, redis, namespace: env.PLIMSOLL_NAMESPACE };
    return readOutlook(stores, source, { now: now(), settings: service.settings });
  }

  @Implements('endpointBaseline')
  async endpointBaseline(@Input() { params, query }: InputOf<'endpointBaseline'>): AnswerOf<'endpointBaseline'> {
    const { db, redis, env } = this.context;
    const service = await getService(db, params.id);
    if (service === undefined) throw new ProblemError('not-found', 'There is no such service.');
    const [population] = await readPopulations(redis, env.PLIMSOLL_NAMESPACE, service.id, [query.endpoint]);
    const windows = (population?.statistics ?? []).map(({ windowSeconds, mean, variance, blocks }) => ({
      windowSeconds,
      mean,
      deviation: Math.sqrt(variance),
      blocks,
    }));
    return { windows };
  }

  @Implements('contacts')
  async contacts(@Input() { query }: InputOf<'contacts'>): AnswerOf<'contacts'> {
    if ((await getService(this.context.db, query.service)) === undefined)
      throw new ProblemError('not-found', 'There is no such service.');
    const filter = spanOf(query, this.context.now());
    return askHistory(this.context, (history) => readContacts(history, filter));
  }

  /** Undefined where the history cannot be asked now. */
  private async met(text: string, services: readonly string[]): Promise<Found[] | undefined> {
    if (this.context.history === undefined || services.length === 0) return undefined;
    const to = this.context.now() + 1;
    try {
      const found = await askHistory(this.context, (history) => findParties(history, { services, text, from: to - DAY_MS, to }));
      return found.map((one) => ({ ...one, ...NEVER }));
    } catch (error) {
      if (error instanceof ProblemError) return undefined;
      throw error;
    }
  }
}

const NEVER = { alerts: 0, decisions: 0 };
const keyOf = ({ service, type, id }: Found): string => JSON.stringify([service, type, id]);

/** Who has that very name, then whose name begins so, then who was about last. */
function inOrder(found: readonly Found[], text: string): Found[] {
  const wanted = text.toLowerCase();
  const rank = ({ id }: Found) => (id.toLowerCase() === wanted ? 0 : id.toLowerCase().startsWith(wanted) ? 1 : 2);
  return [...found].sort((a, b) => rank(a) - rank(b) || (b.lastAt ?? 0) - (a.lastAt ?? 0));
}
