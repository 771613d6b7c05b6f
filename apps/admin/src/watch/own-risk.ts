/**
 * What our own detector holds against the people in the console, for the access policy: read each second from the alerts of
 * `plimsoll-admin`, so that a question costs a look into a map. A person's risk is the higher one of its own and of its session's. While
 * PostgreSQL does not answer the last one holds for half a minute; then everybody is at {@link UNKNOWN_RISK}, as is whoever is not
 * among the highest while more have a risk than are kept. Addresses are not asked for: strangers could fill the room with them.
 */
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SELF_SERVICE } from '@plimsoll/contracts';
import { presentRisk } from '@plimsoll/detection';
import { readRisks, type SubjectRisk, sessionCredential } from '@plimsoll/storage';
import type { Asker } from '../access/asker.js';
import { type Context, InjectContext } from '../context.js';

/** Of whom nothing can be known: changes need a proof of presence, and are not forbidden. */
export const UNKNOWN_RISK = 60;
const READ_MS = 1_000;
const HELD_MS = 30_000;

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
  of({ person, sessionId }: Pick<Asker, 'person' | 'sessionId'>): number {
    const now = this.context.now();
    if (this.blindSince !== undefined && now - this.blindSince > HELD_MS) return UNKNOWN_RISK;
    if (this.risks.size === 0) return 0;
    const known = [this.risks.get(`actor ${person.id}`), this.risks.get(`credential ${sessionCredential(sessionId)}`)];
    const risks = known.map((risk) => (risk === undefined ? 0 : Math.round(100 * presentRisk(risk, now))));
    return Math.max(this.left > 0 && known.includes(undefined) ? UNKNOWN_RISK : 0, ...risks);
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
