/**
 * What our own detector holds against the people in the console, for the access policy: read each second from the alerts of
 * `plimsoll-admin`, so that a question costs a look into a map. A person's risk is the higher one of its own and of its session's. While
 * PostgreSQL does not answer the last one holds for half a minute; then everybody is at {@link UNKNOWN_RISK}, as is whoever is not
 * among the highest while more have a risk than are kept. Addresses are not asked for: strangers could fill the room with them.
 */
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type OpenSession, type OwnRisk as OwnRiskView, SELF_SERVICE } from '@plimsoll/contracts';
import { presentRisk } from '@plimsoll/detection';
import { readRisks, type SubjectRisk, sessionCredential } from '@plimsoll/storage';
import type { Asker } from '../access/asker.js';
import { HIGH_RISK, MAX_RISK } from '../access/platform-policies.js';
import { type Context, InjectContext } from '../context.js';

/** Of whom nothing can be known: changes need a proof of presence, and are not forbidden. */
export const UNKNOWN_RISK = 60;
const READ_MS = 1_000;
const HELD_MS = 30_000;

type Who = Pick<Asker, 'person' | 'sessionId'>;
const credentialKey = (sessionId: string): string => `credential ${sessionCredential(sessionId)}`;

@Injectable()
export class OwnRisk implements OnModuleInit, OnModuleDestroy {
  /** Subjects beyond storage's cap, as of the last reading. */
  left = 0;
  private risks = new Map<string, SubjectRisk>();
  private reading: Promise<void> | undefined;
  /** Since when no reading has succeeded; undefined while the last one did. */
  private blindSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(@InjectContext() private readonly context: Context) {}

  async onModuleInit(): Promise<void> {
    this.blindSince = Number.NEGATIVE_INFINITY;
    await this.read();
    this.timer = setInterval(() => void this.read(), READ_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** 0 to 100, as the policy has it. */
  of(who: Who): number {
    if (this.isBlind()) return UNKNOWN_RISK;
    if (this.risks.size === 0) return 0;
    const { person, session } = this.known(who);
    const isLeft = this.left > 0 && (person === undefined || session === undefined);
    return Math.max(isLeft ? UNKNOWN_RISK : 0, this.level(person), this.level(session));
  }

  /** The same with its reasons, for the person itself: what was found, since when, and what follows from it. */
  told(who: Who): OwnRiskView {
    const level = this.of(who);
    const takes = level > MAX_RISK ? 'changes' : level >= HIGH_RISK ? 'changes-without-proof' : 'nothing';
    const { person, session } = this.known(who);
    const present = [person, session].flatMap((risk) => (risk !== undefined && this.level(risk) > 0 ? [risk] : []));
    present.sort((a, b) => this.level(b) - this.level(a));
    const [heaviest] = this.isBlind() ? [] : present;
    if (heaviest === undefined) return { level, signals: [], since: null, quietSince: null, takes };
    const signals = [...new Set(present.flatMap((risk) => risk.signals))];
    const since = Math.min(...present.map((risk) => risk.since));
    return { level, signals, since, quietSince: heaviest.quietSince, takes };
  }

  /** Sessions with what was found in the calls of each. */
  withRisks<T extends { id: string }>(sessions: readonly T[]): (T & Pick<OpenSession, 'risk'>)[] {
    const riskOf = (id: string) => this.level(this.risks.get(credentialKey(id)));
    return sessions.map((session) => ({ ...session, risk: this.isBlind() ? UNKNOWN_RISK : riskOf(session.id) }));
  }

  private isBlind(): boolean {
    return this.blindSince !== undefined && this.context.now() - this.blindSince > HELD_MS;
  }

  private known({ person, sessionId }: Who) {
    return { person: this.risks.get(`actor ${person.id}`), session: this.risks.get(credentialKey(sessionId)) };
  }

  private level(risk: SubjectRisk | undefined): number {
    return risk === undefined ? 0 : Math.round(100 * presentRisk(risk, this.context.now()));
  }

  /** Reads anew, one at a time; never throws. A reading that takes longer than a second counts as one that failed. */
  read(): Promise<void> {
    if (this.reading !== undefined) this.blindSince ??= this.context.now();
    this.reading ??= this.take().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async take(): Promise<void> {
    const { db, log, now } = this.context;
    try {
      const { risks, left } = await readRisks(db, SELF_SERVICE, now(), { types: ['actor', 'credential'] });
      this.risks = new Map(risks.map((risk) => [`${risk.subject.type} ${risk.subject.id}`, risk]));
      this.blindSince = undefined;
      if (left > this.left) log.warn({ left }, 'more risks in the console than are kept: the lowest are left out');
      this.left = left;
    } catch (err) {
      this.blindSince ??= now();
      log.warn({ err }, 'risks in the console not read');
    }
  }
}

/** Ends a refusal that nothing but the risk is the reason of; empty where it is not. */
export const becauseOfRisk = (risk: number | undefined): string =>
  risk === undefined
    ? ''
    : ` The reason is a risk of ${risk} of 100 that Plimsoll finds in your own calls of the console: your account page says what was found, and when it ends.`;
