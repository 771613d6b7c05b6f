/**
 * Keeps an eye on the audit's chain: verifies all of it at the start and once a day, what is new every few seconds, and signs
 * the head that it has found whole. The checkpoint goes into the table, into a file of the data folder and into the log, so
 * that whoever cuts the chain off has to change all three.
 */
import { appendFile, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { AuditState } from '@plimsoll/contracts';
import {
  type AuditFault,
  type AuditSigner,
  auditSigner,
  type ChainPoint,
  type Checkpoint,
  checkpointAudit,
  countAudit,
  faultText,
  readCheckpoint,
  storedCheckpoints,
  verifyAudit,
} from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';

const LOOK_MS = 5_000;
const WHOLE_MS = 24 * 3_600_000;
/** Beyond it the older half of the file goes: newer checkpoints speak for all rows before them. */
const MAX_FILE_BYTES = 4_000_000;

@Injectable()
export class AuditWatch implements OnModuleInit, OnModuleDestroy {
  private readonly signer: AuditSigner;
  private verified: ChainPoint = { id: 0, hash: '' };
  private verifiedAt: number | null = null;
  private wholeAt = Number.NEGATIVE_INFINITY;
  private checkpoint: Checkpoint | undefined;
  private faults: AuditFault[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(@InjectContext() private readonly context: Context) {
    this.signer = auditSigner(context.env.PLIMSOLL_MASTER_KEY);
  }

  onModuleInit(): void {
    const again = (): void => {
      this.timer = setTimeout(() => void this.look().finally(again), LOOK_MS).unref();
    };
    void this.look().finally(again);
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    await this.look();
    clearTimeout(this.timer);
  }

  /** Verifies and signs what has come; one at a time. Never throws: with PostgreSQL away the next look does it. */
  look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      try {
        await this.go(this.context.now());
      } catch (err) {
        this.context.log.warn({ err }, 'the audit was not verified');
      }
    });
    return this.looking;
  }

  async state(): Promise<AuditState> {
    await this.look();
    return this.known();
  }

  /** All of it, from the first row on. */
  async verify(): Promise<AuditState> {
    this.wholeAt = Number.NEGATIVE_INFINITY;
    return this.state();
  }

  private async known(): Promise<AuditState> {
    return {
      rows: await countAudit(this.context.db),
      state: this.verifiedAt === null ? 'unknown' : this.faults.length > 0 ? 'broken' : 'whole',
      verifiedId: this.verified.id,
      verifiedAt: this.verifiedAt,
      wholeAt: Number.isFinite(this.wholeAt) ? this.wholeAt : null,
      checkpoint: this.checkpoint ? { id: this.checkpoint.id, at: this.checkpoint.at } : null,
      faults: this.faults.map(faultText),
    };
  }

  private async go(now: number): Promise<void> {
    if (now - this.wholeAt >= WHOLE_MS) await this.verifyWhole(now);
    if (this.faults.length > 0) return;
    const outcome = await checkpointAudit(this.context.db, this.signer, this.verified, now);
    if (outcome.type === 'broken') return this.broken(outcome.faults);
    this.verifiedAt = now;
    if (outcome.type === 'unchanged') return;
    this.checkpoint = outcome.checkpoint;
    this.verified = { id: outcome.checkpoint.id, hash: outcome.checkpoint.hash };
    await this.keep(outcome.checkpoint);
  }

  /** From the first row on, against every checkpoint that the table and the file have. */
  private async verifyWhole(now: number): Promise<void> {
    const stored = (await storedCheckpoints(this.context.db)).map(({ jws }) => jws);
    const all = [...stored, ...(await this.fromFile())];
    const good = all.flatMap((jws) => readCheckpoint(jws, this.signer) ?? []);
    const { head, faults } = await verifyAudit(this.context.db, good);
    this.wholeAt = now;
    this.verifiedAt = now;
    this.verified = head;
    this.checkpoint = good.reduce<Checkpoint | undefined>((last, one) => (last && last.id >= one.id ? last : one), undefined);
    this.faults = [];
    if (faults.length > 0) this.broken(faults);
  }

  private broken(faults: AuditFault[]): void {
    this.faults = faults;
    this.context.log.error({ faults: faults.map(faultText) }, 'the audit was tampered with');
  }

  private async fromFile(): Promise<string[]> {
    const file = this.context.env.AUDIT_CHECKPOINTS;
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }

  private async keep({ id, hash, jws }: Checkpoint): Promise<void> {
    this.context.log.info({ id, hash, jws }, 'audit checkpoint');
    const file = this.context.env.AUDIT_CHECKPOINTS;
    if (file === undefined) return;
    await appendFile(file, `${jws}\n`, { mode: 0o600 });
    if ((await stat(file)).size <= MAX_FILE_BYTES) return;
    const lines = await this.fromFile();
    await writeFile(`${file}.new`, `${lines.slice(Math.floor(lines.length / 2)).join('\n')}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}
