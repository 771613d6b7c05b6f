/** The history of requests: search, histogram, neighbours, export, and what is kept at all. */
import { Readable } from 'node:stream';
import { Controller, StreamableFile } from '@nestjs/common';
import { type ExportEnd, type HistoryFilter, type HistoryRequest, spanOf } from '@plimsoll/contracts';
import {
  bucketWidth,
  coverage,
  getService,
  type History,
  histogram,
  type KeptLog,
  neighbours,
  plainAddress,
  searchLogs,
  streamLogs,
} from '@plimsoll/storage';
import { recordDeed } from '../audit/trail.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { AskedOf } from '../privacy/privacy-guard.js';
import { Pseudonyms } from '../privacy/pseudonyms.js';
import { askHistory } from './history-answers.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** Exports under way in this process, one of a person: each holds a query of the engine open. */
const MOST_EXPORTS = 3;

@Controller()
export class HistoryController {
  /** By whom. */
  readonly #exports = new Set<string>();

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  @Implements('history')
  async history(@Input() { query }: InputOf<'history'>): AnswerOf<'history'> {
    await this.known(query.service);
    return coverage(this.context.history, this.context.db, query.service);
  }

  @Implements('searchRequests')
  async search(@Input() { query }: InputOf<'searchRequests'>): AnswerOf<'searchRequests'> {
    const { cursor, limit, ...asked } = query;
    const filter = await this.filterOf(asked);
    const page = await askHistory(this.context, (history) => searchLogs(history, { filter, cursor, limit }));
    if (page) return { items: page.items.map(toRequest), nextCursor: page.nextCursor };
    const errors = [{ field: 'query.cursor', reason: 'not a cursor of this list' }];
    throw new ProblemError('bad-request', 'The cursor is not one that this API gave out.', { errors });
  }

  @Implements('histogram')
  async histogram(@Input() { query }: InputOf<'histogram'>): AnswerOf<'histogram'> {
    const { buckets, ...asked } = query;
    const filter = await this.filterOf(asked);
    return askHistory(this.context, (history) => histogram(history, filter, bucketWidth(filter, buckets)));
  }

  @Implements('neighbours')
  async neighbours(@Input() { params, query }: InputOf<'neighbours'>): AnswerOf<'neighbours'> {
    await this.known(query.service);
    const found = await askHistory(this.context, (history) => neighbours(history, { ...query, id: params.id }));
    if (found === undefined) throw new ProblemError('not-found', 'The history has no such request at that time.');
    return { items: found.map(toRequest) };
  }

  @Implements('exportRequests')
  async export(
    @Input() { query }: InputOf<'exportRequests'>,
    @CallerOf() caller: Caller,
    @AskedOf() named: ReadonlySet<string>,
  ): Promise<StreamableFile> {
    const { limit, ...asked } = query;
    const filter = await this.filterOf(asked);
    const { id } = caller.person;
    const own = this.#exports.has(id);
    if (own || this.#exports.size >= MOST_EXPORTS) {
      const why = own
        ? 'An export of yours is under way. Try again when it has ended.'
        : 'Other exports are under way. Try again soon.';
      throw new ProblemError('too-many-requests', why, { retryAfterSeconds: 10 });
    }
    // Counted at once: what is waited for below would let many pass the check together.
    this.#exports.add(id);
    try {
      const lines = await this.beginExport(filter, limit, caller, named);
      lines.once('close', () => this.#exports.delete(id));
      const disposition = `attachment; filename="${filter.service}-requests.ndjson"`;
      return new StreamableFile(lines, { type: 'application/x-ndjson', disposition });
    } catch (error) {
      this.#exports.delete(id);
      throw error;
    }
  }

  private async beginExport(filter: HistoryFilter, limit: number, caller: Caller, named: ReadonlySet<string>): Promise<Readable> {
    // Asked before anything is sent: what cannot be read is then a problem document, and no broken file.
    const history = await askHistory(this.context, async (open) => {
      await searchLogs(open, { filter, limit: 1 });
      return open;
    });
    const { service } = filter;
    const deed = { action: 'history.export', object: service, service, detail: { ...told(filter, named), limit } };
    await recordDeed(this.context.db, caller, this.context.now(), deed);
    return Readable.from(this.lines(history, filter, limit, named), { objectMode: false });
  }

  private async *lines(
    history: History,
    filter: HistoryFilter,
    limit: number,
    named: ReadonlySet<string>,
  ): AsyncGenerator<string> {
    try {
      let requests = 0;
      for await (const some of streamLogs(history, filter)) {
        const taken = some.slice(0, limit - requests);
        requests += taken.length;
        const told = await this.pseudonyms.hide(taken.map(toRequest), named);
        yield told.map((one) => `${JSON.stringify(one)}\n`).join('');
        if (taken.length < some.length) return yield endOf(requests, true);
      }
      yield endOf(requests, false);
    } catch (err) {
      this.context.log.warn({ err, service: filter.service }, 'an export broke off');
      throw err;
    }
  }

  private async filterOf<T extends Omit<HistoryFilter, 'from' | 'to'> & { from?: number | undefined; to?: number | undefined }>(
    asked: T,
  ): Promise<T & { from: number; to: number }> {
    await this.known(asked.service);
    const filter = spanOf(asked, this.context.now());
    if (filter.from < filter.to) return filter;
    const errors = [{ field: 'query.to', reason: 'must be after from' }];
    throw new ProblemError('bad-request', 'The time ends before it begins.', { errors });
  }

  private async known(service: string): Promise<void> {
    if ((await getService(this.context.db, service)) === undefined)
      throw new ProblemError('not-found', 'There is no such service.');
  }
}

/**
 * The filter as the audit keeps it: whom it is about stands in lists, which hold references there, so that somebody can be
 * erased; of a path, and of an endpoint that `named` somebody by a pseudonym, no more than that there was one.
 */
const told = (filter: HistoryFilter, named: ReadonlySet<string>): Record<string, unknown> => {
  const { actor, address, credential, path, endpoint, ...rest } = filter;
  const tells = [...named].some((id) => endpoint?.includes(id));
  return {
    ...rest,
    ...(path !== undefined && { path: 'given' }),
    ...(endpoint !== undefined && { endpoint: tells ? 'given' : endpoint }),
    ...(actor !== undefined && { actors: [actor] }),
    ...(address !== undefined && { addresses: [plainAddress(address) ?? address] }),
    ...(credential !== undefined && { credentials: [credential] }),
  };
};

const endOf = (requests: number, truncated: boolean): string =>
  `${JSON.stringify({ end: { requests, truncated } } satisfies ExportEnd)}\n`;

export function toRequest({ endpoint, log }: KeptLog): HistoryRequest {
  const { route: _, actor, auth, credential, traceId, ...rest } = log;
  return {
    ...rest,
    endpoint,
    actor: actor ?? null,
    auth: auth ?? null,
    credential: credential ?? null,
    traceId: traceId ?? null,
  };
}
