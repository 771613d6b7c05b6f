/**
 * Writes down who was refused what: every 403, and a 401 of somebody who holds a token that we did sign; handshakes and events of
 * the socket alike. A flood of refusals must not fill the disk: each person, or network, and all together have a budget of rows,
 * and what is beyond is counted in one row a minute. Strangers have budgets of their own, so that they cannot spend those of who is
 * signed in, and what such a one does goes unwritten.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type ProblemCode, problemStatus } from '@plimsoll/contracts';
import { type AuditEntry, networkOf, recordAudit } from '@plimsoll/storage';
import { AccessTokens, type Audience } from '../auth/access-tokens.js';
import { Budget } from '../auth/budget.js';
import type { CallerRequest } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import type { ProblemError } from '../http/problem.js';

const MINUTE_MS = 60_000;
const ROWS_OF_ONE = 30;
const ROWS_OF_ALL = 300;
/** Of all who are not signed in. */
const ROWS_OF_STRANGERS = 100;
/** What must not show in the time of the answer is written this much later. */
const LATER_MS = 1_000;
/** Whoever was refused is answered by then, whether or not the row is written. */
const WRITE_MS = 1_000;
/** Kinds of refusal that the row of a minute tells apart. */
const MAX_KINDS = 50;

const asks: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['step-up-required', 'second-person-required', 'nonce-required']);

interface Denied {
  personId: string | null;
  sessionId?: string;
}
type Denial = NonNullable<CallerRequest['denial']>;

/** What a socket was refused: its handshake, or an event that it sent. */
export interface SocketRefusal {
  /** `connect`, or the event. */
  event: string;
  code: ProblemCode;
  reason: string;
  /** Who is connected, else the token that was presented. */
  by: { personId: string; sessionId: string } | { token: string };
  address: string;
  userAgent?: string | undefined;
  denial?: Denial;
}

interface Refused {
  denied: Denied | undefined;
  operation: string;
  code: ProblemCode;
  detail: Record<string, unknown>;
  reason: string;
  address: string;
  userAgent: string | undefined;
  requestId?: string;
}

@Injectable()
export class Denials implements OnModuleInit, OnModuleDestroy {
  private readonly ofOne = new Budget(ROWS_OF_ONE, MINUTE_MS);
  private readonly ofAll = new Budget(ROWS_OF_ALL, MINUTE_MS);
  private readonly ofStrangers = new Budget(ROWS_OF_STRANGERS, MINUTE_MS);
  /** Operation and code -> how often, of what had no room. */
  private more = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  /** At most as many as the budget of strangers gives in the time until they are written. */
  private later: AuditEntry[] = [];
  private laterTimer: NodeJS.Timeout | undefined;

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly tokens: AccessTokens,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), MINUTE_MS).unref();
    this.laterTimer = setInterval(() => void this.writeLater(), LATER_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    clearInterval(this.laterTimer);
    await this.writeLater();
    await this.flush();
  }

  /** Never throws, and waits a second at most: a refusal stands whether or not it could be written down. */
  async note(problem: ProblemError, request: CallerRequest): Promise<void> {
    const status = problemStatus[problem.code];
    const { caller, ip, id, headers, params, denial } = request;
    // To be asked for a proof, a fresh nonce or a second person is no refusal yet.
    if (denial === undefined && (asks.has(problem.code) || (status !== 401 && status !== 403))) return;
    const operation = request.operation ?? request.routeOptions.url ?? '';
    const denied: Denied | undefined = caller
      ? { personId: caller.person.id, sessionId: caller.sessionId }
      : await this.holderOf(headers.authorization, 'admin');
    if (denied === undefined && status === 401) return;
    const object = String((params as { id?: string } | undefined)?.id ?? '').slice(0, 80);
    const detail = { object, method: request.method, ...denial };
    const more = { reason: problem.detail, address: ip, userAgent: headers['user-agent'], requestId: id };
    await this.keep({ denied, operation, code: problem.code, detail, ...more });
  }

  /** As {@link note}. Of who shows no token of ours nothing is kept, as by HTTP. */
  async noteSocket({ event, code, reason, by, address, userAgent, denial }: SocketRefusal): Promise<void> {
    const denied = 'token' in by ? await this.holderOf(`DPoP ${by.token}`, 'live') : by;
    if (denied === undefined) return;
    const detail = { object: '', method: 'SOCKET', ...denial };
    await this.keep({ denied, operation: `live.${event}`, code, detail, reason, address, userAgent });
  }

  /**
   * A refusal of somebody who is not signed in, about something of a person's. Written with the next second, so that the time of the
   * answer does not tell whether there was anything to write, and within a budget of what strangers do to this person.
   */
  noteLater(entry: AuditEntry & { personId: string }): void {
    if (this.hasRoomForStranger(entry.personId, entry.at)) this.later.push({ ...entry, outcome: 'denied' });
    else this.count(entry.action);
  }

  private async writeLater(): Promise<void> {
    const entries = this.later;
    this.later = [];
    for (const entry of entries) await this.write(() => recordAudit(this.context.db, entry));
  }

  private async keep({ denied, operation, code, detail, userAgent, ...rest }: Refused): Promise<void> {
    const now = this.context.now();
    const hasRoom = denied?.personId ? this.hasRoom(denied.personId, now) : this.hasRoomForStranger(networkOf(rest.address), now);
    if (!hasRoom) return this.count(`${operation} ${code}`);
    const entry = {
      ...rest,
      at: now,
      personId: null,
      ...denied,
      action: 'access.denied',
      outcome: 'denied' as const,
      object: operation,
      detail: { code, ...detail },
      userAgent: userAgent?.slice(0, 256),
    };
    await this.write(() => recordAudit(this.context.db, entry));
  }

  /** The row of the refusals that had no room in the last minute. */
  async flush(): Promise<void> {
    const { more } = this;
    if (more.size === 0) return;
    this.more = new Map();
    const count = [...more.values()].reduce((sum, one) => sum + one, 0);
    const detail = { count, kinds: Object.fromEntries(more) };
    const entry = { at: this.context.now(), personId: null, action: 'access.denied-more', object: '', address: '', detail };
    await this.write(() => recordAudit(this.context.db, { ...entry, outcome: 'denied' }));
  }

  private hasRoom(who: string, now: number): boolean {
    return this.ofOne.take(who, now) === 0 && this.ofAll.take('', now) === 0;
  }

  /** @param about whom it is done to, or the network that it comes from. */
  private hasRoomForStranger(about: string, now: number): boolean {
    return this.ofOne.take(`stranger ${about}`, now) === 0 && this.ofStrangers.take('', now) === 0;
  }

  private count(kind: string): void {
    const name = this.more.has(kind) || this.more.size < MAX_KINDS ? kind : 'others';
    this.more.set(name, (this.more.get(name) ?? 0) + 1);
  }

  private async write(record: () => Promise<unknown>): Promise<void> {
    const written = record().catch((err: unknown) => this.context.log.warn({ err }, 'a refusal was not written down'));
    await Promise.race([written, sleep(WRITE_MS, undefined, { ref: false })]);
  }

  /** Whose token it is, by our own signature: its session may have ended. Undefined for everything that we did not sign. */
  private async holderOf(authorization: string | undefined, audience: Audience): Promise<Denied | undefined> {
    if (authorization === undefined) return undefined;
    const claims = await this.tokens.read(authorization.replace(/^bearer /i, 'DPoP '), audience);
    return claims && { personId: claims.personId, sessionId: claims.sessionId };
  }
}
