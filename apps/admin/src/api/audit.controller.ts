/** The audit: the list, the export, whether its chain is whole. */
import { Readable } from 'node:stream';
import { Controller, Res } from '@nestjs/common';
import type { AuditRecord } from '@plimsoll/contracts';
import { type AuditFilter, namedAudit, partiesNamed, readAudit } from '@plimsoll/storage';
import type { FastifyReply } from 'fastify';
import { AuditWatch } from '../audit/audit-watch.js';
import { recordDeed } from '../audit/trail.js';
import { Budget } from '../auth/budget.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { AskedOf } from '../privacy/privacy-guard.js';
import { Pseudonyms } from '../privacy/pseudonyms.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** The list's cursor is the id of the last row shown. */
const CURSOR = /^[1-9]\d{0,15}$/;
const EXPORT_PAGE = 500;
const EXPORT_ROWS = 100_000;
const EXPORTS_AN_HOUR = 12;
/** Each reads every row. */
const VERIFICATIONS_A_MINUTE = 6;

@Controller()
export class AuditController {
  private readonly exports = new Budget(EXPORTS_AN_HOUR, 3_600_000);

  private readonly verifications = new Budget(VERIFICATIONS_A_MINUTE, 60_000);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly watch: AuditWatch,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  @Implements('audit')
  async audit(@Input() { query }: InputOf<'audit'>): AnswerOf<'audit'> {
    const { cursor, limit, ...filter } = query;
    if (cursor !== undefined && !CURSOR.test(cursor)) {
      const errors = [{ field: 'query.cursor', reason: 'not a cursor of this list' }];
      throw new ProblemError('bad-request', 'The cursor is not one that this API gave out.', { errors });
    }
    const below = cursor === undefined ? undefined : Number(cursor);
    const rows = await readAudit(this.context.db, filterOf(filter), { below, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: await namedAudit(this.context.db, shown),
      nextCursor: rows.length > limit && last !== undefined ? String(last.id) : null,
    };
  }

  @Implements('auditState')
  auditState(): AnswerOf<'auditState'> {
    return this.watch.state();
  }

  @Implements('verifyAudit')
  verifyAudit(@CallerOf() { person }: Caller): AnswerOf<'verifyAudit'> {
    const retryAfterSeconds = this.verifications.take(person.id, this.context.now());
    if (retryAfterSeconds > 0)
      throw new ProblemError('too-many-requests', 'It was verified a moment ago.', { retryAfterSeconds });
    return this.watch.verify();
  }

  /** Taking the audit away is itself written down. */
  @Implements('exportAudit')
  async exportAudit(
    @Input() { query }: InputOf<'exportAudit'>,
    @CallerOf() caller: Caller,
    @AskedOf() asked: ReadonlySet<string>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const now = this.context.now();
    const retryAfterSeconds = this.exports.take(caller.person.id, now);
    if (retryAfterSeconds > 0)
      throw new ProblemError('too-many-requests', 'Too many exports within an hour.', { retryAfterSeconds });
    const { subject, text, ...rest } = query;
    // Whom somebody looked for may be in the text, and nothing is ever taken out of the chain.
    const filter = { ...rest, ...(text !== undefined && { text: 'given' }) };
    // As parties, so that references stand for them; an id that no row knows is in no row of the file either.
    const about = subject === undefined ? {} : { about: await partiesNamed(this.context.db, subject) };
    await recordDeed(this.context.db, caller, now, { action: 'audit.export', object: '', detail: { filter, ...about } });
    await reply
      .type('application/x-ndjson')
      .header('content-disposition', 'attachment; filename="plimsoll-audit.ndjson"')
      .send(Readable.from(this.lines(filterOf(query), asked)));
  }

  /** @param asked who was looked for by a pseudonym: a row that names them in words alone must not tell whom it stands for. */
  private async *lines(filter: AuditFilter, asked: ReadonlySet<string>): AsyncGenerator<string> {
    let below: number | undefined;
    let sent = 0;
    let more = true;
    while (more && sent < EXPORT_ROWS) {
      const rows = await readAudit(this.context.db, filter, { below, limit: EXPORT_PAGE });
      const records: AuditRecord[] = await this.pseudonyms.hide(await namedAudit(this.context.db, rows), asked);
      if (records.length > 0) yield records.map((record) => `${JSON.stringify(record)}\n`).join('');
      sent += rows.length;
      below = rows.at(-1)?.id;
      more = rows.length === EXPORT_PAGE;
    }
    // A file without this line was cut off on its way.
    yield `${JSON.stringify({ end: { rows: sent, truncated: more } })}\n`;
  }
}

const filterOf = ({ person, ...rest }: InputOf<'exportAudit'>['query']): AuditFilter => ({ personId: person, ...rest });
