/**
 * What browsers report of the content policy: that a page tried to load or run what it may not, which is a fault of ours
 * or an attack. Anybody can send one, and every text in it is a stranger's: few are taken, cut to what says where and what,
 * without queries, logged, and counted in one row of the audit a minute. A report changes nothing else.
 */
import { Body, Controller, HttpCode, Injectable, type OnModuleDestroy, type OnModuleInit, Post, Req } from '@nestjs/common';
import { cleanText } from '@plimsoll/contracts';
import { networkOf, recordAudit } from '@plimsoll/storage';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Budget } from '../auth/budget.js';
import { Open } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from './problem.js';
import { REPORT_PATH } from './security.js';

const MINUTE_MS = 60_000;
/** Reports a minute: of one network, and of all. */
const OF_ONE = 20;
const OF_ALL = 200;
/** Directives with what they refused that the row of a minute tells apart. */
const MAX_KINDS = 50;

/** `https://host/path` without query and fragment, which may hold anything; words such as `inline` and `eval` as they are. */
const place = z
  .string()
  .max(4_096)
  .transform((text) => cleanText(text.split(/[?#]/, 1)[0] ?? '').slice(0, 200));
const count = z.int().min(0).max(10_000_000);

const reportSchema = z.object({
  'csp-report': z.object({
    'effective-directive': z.string().regex(/^[a-z-]{1,60}$/),
    'blocked-uri': place.optional(),
    'document-uri': place.optional(),
    'source-file': place.optional(),
    'line-number': count.optional(),
    'column-number': count.optional(),
  }),
});

@Injectable()
@Open()
@Controller()
export class ContentReportsController implements OnModuleInit, OnModuleDestroy {
  /** Since the start. `refused`: beyond the budget; `faulty`: no report. */
  readonly counts = { taken: 0, refused: 0, faulty: 0 };
  private readonly ofOne = new Budget(OF_ONE, MINUTE_MS);
  private readonly ofAll = new Budget(OF_ALL, MINUTE_MS);
  private kinds = new Map<string, number>();
  private told = { ...this.counts };
  private timer: NodeJS.Timeout | undefined;

  constructor(@InjectContext() private readonly context: Context) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), MINUTE_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  @Post(REPORT_PATH)
  @HttpCode(204)
  take(@Body() body: unknown, @Req() request: FastifyRequest): void {
    const now = this.context.now();
    const wait = this.ofOne.take(networkOf(request.ip), now) || this.ofAll.take('', now);
    if (wait > 0) {
      this.counts.refused += 1;
      throw new ProblemError('too-many-requests', 'So many reports within a minute.', { retryAfterSeconds: wait });
    }
    const read = reportSchema.safeParse(body);
    if (!read.success) {
      this.counts.faulty += 1;
      throw new ProblemError('bad-request', 'This is no report of a content policy.');
    }
    this.counts.taken += 1;
    const report = read.data['csp-report'];
    const kind = `${report['effective-directive']} ${report['blocked-uri'] ?? ''}`;
    const name = this.kinds.has(kind) || this.kinds.size < MAX_KINDS ? kind : 'others';
    this.kinds.set(name, (this.kinds.get(name) ?? 0) + 1);
    this.context.log.warn({ report, address: request.ip }, 'a page did what the content policy forbids');
  }

  /** The row of the last minute, where there is anything to say. Never throws: with PostgreSQL away the log has it. */
  async flush(): Promise<void> {
    const { counts, told, kinds } = this;
    const since = (name: keyof typeof counts) => counts[name] - told[name];
    const detail = { taken: since('taken'), refused: since('refused'), faulty: since('faulty') };
    if (detail.taken + detail.refused + detail.faulty === 0) return;
    this.told = { ...counts };
    this.kinds = new Map();
    const entry = { at: this.context.now(), personId: null, action: 'content-policy.report', object: '', address: '' };
    await recordAudit(this.context.db, {
      ...entry,
      outcome: 'denied',
      detail: { ...detail, kinds: Object.fromEntries(kinds) },
    }).catch((err: unknown) => this.context.log.warn({ err, ...detail }, 'reports of the content policy were not written down'));
  }
}
