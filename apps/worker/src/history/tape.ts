/**
 * The request logs of one shard on their way into the history. Batches are noted in order after their commit; a loop of its
 * own writes them in chunks, so that nothing here ever holds up detection. A chunk is cut once and noted in PostgreSQL
 * before it is written (storage/history/marks.ts). A finished job may leave the queue only when the history has its logs, or
 * has counted them as lost: so a killed worker's successor finds all that is missing.
 *
 * While ClickHouse is away lines wait in memory up to the pool's bound. Beyond it the oldest that are in no chunk are
 * dropped, down to three quarters, and noted as a gap: what is newest is worth most when it comes back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Database,
  Fenced,
  historyFault,
  insertLines,
  type KeptLog,
  type Lease,
  type Loss,
  type Mark,
  setMark,
  standingAfter,
} from '@plimsoll/storage';
import type { Logger } from 'pino';
import type { HistoryPool } from './pool.js';
import { type Chunk, Losses, Reel, size, toEntry } from './reel.js';

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 15_000;
/** A private server without an engine gets none before its next start. */
const OFF_MS = 60_000;
/** So far may the mark in PostgreSQL lag behind where there is nothing to write: what it lacks is kept there and read again by who takes the shard. */
const NOTED_AFTER = 1_000;
const NOTED_AFTER_MS = 600_000;
/** What stays when too much waited, as a share of the bound: so that dropping is rare. */
const KEPT_SHARE = 0.75;

export interface TapeParts {
  pool: HistoryPool;
  db: Database;
  log: Logger;
  /** Milliseconds since the epoch. */
  now: () => number;
  onFenced: () => void;
}

interface Setting {
  mark: Mark;
  losses: readonly Loss[];
  reason: 'full' | 'refused';
}

export class Tape {
  readonly #reel: Reel;
  #mark: Mark;
  /** Up to where PostgreSQL knows the history to have everything, and since when; of before this tape nobody asks. */
  #noted: { done: number; at: number };
  /** Newest batch that was noted: a job that comes again is not. */
  #newest = 0;
  /** Dropped, and not yet noted in PostgreSQL: everything up to batch `seq`. */
  #dropped: { seq: number; losses: Losses } | undefined;
  /** A mark that was set, and is not known to be: set again as it was before anything else, and what it says was lost counts once. */
  #unsure: Setting | undefined;
  /** What became of the chunk whose end is noted. */
  #outcome: 'in' | 'refused' | 'off' = 'off';
  #offUntil = 0;
  #stopped = false;
  #closed = false;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #pauseMs = 0;

  /** @param mark as PostgreSQL has it; what it says to be missing is to be noted before {@link start} */
  constructor(
    private readonly lease: Lease,
    mark: Mark,
    private readonly parts: TapeParts,
  ) {
    this.#mark = { ...mark };
    this.#noted = { done: mark.done, at: 0 };
    this.#reel = new Reel(mark.pending > mark.done ? mark.pending : 0);
  }

  /** Whether the job of this batch is needed no more: its logs are in, or counted as lost. */
  has(seq: number): boolean {
    const { done, pending, lost } = this.#mark;
    return seq <= done || (seq > pending && seq <= lost);
  }

  /** A batch is committed. @param logs those that counted; none where it is of no requests. @param receivedAt milliseconds */
  note(seq: number, id: string, logs: readonly KeptLog[], receivedAt: number): void {
    if (this.has(seq) || seq <= this.#newest) return;
    this.#newest = seq;
    const { pool, now, log } = this.parts;
    const entry = toEntry(seq, id, now() < this.#offUntil ? [] : logs, receivedAt);
    this.#reel.push(entry);
    pool.take(entry.text.length);
    if (pool.held <= pool.most) return;
    const dropped = this.#reel.drop(pool.held - pool.most * KEPT_SHARE);
    if (dropped.length === 0) return;
    const losses = new Losses();
    for (const gone of dropped) {
      losses.add(gone);
      pool.counts.lost += gone.rows;
    }
    this.#keepDropped(dropped.at(-1)?.seq ?? 0, losses);
    pool.release(size(dropped));
    log.warn(
      { shard: this.lease.shard, lost: pool.counts.lost },
      'too many logs wait for the history: the oldest are lost to it',
    );
  }

  /** Begins to write. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Ends within the time: with what waits written where ClickHouse takes it. What is left is the next owner's. */
  async close(withinMs: number): Promise<void> {
    this.#stopped = true;
    this.#stop.abort();
    const patience = new AbortController();
    await Promise.race([this.#loop, sleep(withinMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    this.#closed = true;
    this.parts.pool.release(this.#reel.clear());
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      // Behind, it goes on at once.
      const waitMs = this.#pauseMs || (this.#reel.full ? 0 : this.parts.pool.flushMs);
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
      await this.#step();
    }
    // A step that began before the end did not know of it.
    let more = true;
    while (more && !this.#closed) more = await this.#step();
  }

  /** @returns whether to go on at once */
  async #step(): Promise<boolean> {
    try {
      await this.#settle();
      // More may be dropped while it is noted: a chunk is cut when nothing before it is left to note, or the mark would go back.
      while (this.#dropped !== undefined) await this.#noteDropped();
      const more = await this.#write();
      this.#pauseMs = 0;
      return more;
    } catch (error) {
      if (error instanceof Fenced) {
        this.#stopped = true;
        this.#closed = true;
        this.parts.onFenced();
        return false;
      }
      if (this.#pauseMs === 0) this.parts.log.warn({ err: error, shard: this.lease.shard }, 'the history is away; logs wait');
      this.#pauseMs = Math.min(LAST_PAUSE_MS, this.#pauseMs * 2 || FIRST_PAUSE_MS);
      return false;
    }
  }

  async #write(): Promise<boolean> {
    const chunk = this.#reel.chunk();
    if (chunk === undefined || chunk.rows === 0) {
      // Nothing to write is nothing to note at once: a successor finds the same nothing.
      if (chunk) {
        this.#mark = this.#beyond(chunk.last);
        this.#end(chunk);
      }
      if (this.#lags()) await this.#set(this.#mark);
      return chunk !== undefined;
    }
    const { done, pending, lost } = this.#mark;
    // Where its end was noted and only the answer was lost, it is not written again: what was refused would be counted again.
    if (done < chunk.last) {
      if (pending !== chunk.last) await this.#set({ done, pending: chunk.last, lost: Math.max(lost, chunk.last) });
      this.#outcome = await this.#insert(chunk);
      const losses = new Losses();
      if (this.#outcome === 'refused') for (const entry of chunk.entries) losses.add(entry);
      await this.#set(this.#beyond(chunk.last), losses.all, 'refused');
    }
    if (this.#outcome === 'in') this.parts.pool.counts.written += chunk.rows;
    if (this.#outcome === 'refused') this.parts.pool.counts.lost += chunk.rows;
    this.#end(chunk);
    return true;
  }

  /** Whether the mark in PostgreSQL is to follow the one at hand. */
  #lags(): boolean {
    const { done, at } = this.#noted;
    const by = this.#mark.done - done;
    return by > 0 && (this.#stopped || by > NOTED_AFTER || this.parts.now() - at > NOTED_AFTER_MS);
  }

  #end(chunk: Chunk): void {
    if (!this.#closed) this.parts.pool.release(this.#reel.done(chunk));
  }

  /** After the chunk, and after what was lost behind it. */
  #beyond(seq: number): Mark {
    const last = Math.max(seq, this.#mark.lost);
    return { done: last, pending: last, lost: last };
  }

  async #insert({ texts, token, rows }: Chunk): Promise<'in' | 'refused' | 'off'> {
    const { pool, log, now } = this.parts;
    try {
      await pool.tables();
      await insertLines(pool.history, token, texts);
      return 'in';
    } catch (error) {
      if (standingAfter(error).state === 'off') {
        this.#offUntil = now() + OFF_MS;
        return 'off';
      }
      if (historyFault(error) !== 'fault') throw error;
      log.error({ err: error, shard: this.lease.shard, rows }, 'the history refuses these logs: they are lost to it');
      return 'refused';
    }
  }

  async #set(mark: Mark, losses: readonly Loss[] = [], reason: Setting['reason'] = 'full'): Promise<void> {
    this.#unsure = { mark, losses, reason };
    await this.#settle();
  }

  async #settle(): Promise<void> {
    if (this.#unsure === undefined) return;
    const { mark, losses, reason } = this.#unsure;
    const at = this.parts.now();
    await setMark(this.parts.db, this.lease, mark, losses, reason, at);
    this.#mark = mark;
    this.#noted = { done: mark.done, at };
    this.#unsure = undefined;
  }

  /** What was dropped stands behind the chunk that was cut, or, where none is, behind what is done. */
  async #noteDropped(): Promise<void> {
    const dropped = this.#dropped;
    if (dropped === undefined) return;
    const { seq, losses } = dropped;
    this.#dropped = undefined;
    const cut = this.#reel.cutAt;
    const mark = cut === 0 ? { done: seq, pending: seq, lost: seq } : { done: this.#mark.done, pending: cut, lost: seq };
    await this.#set(mark, losses.all);
  }

  #keepDropped(seq: number, losses: Losses): void {
    this.#dropped = { seq: Math.max(seq, this.#dropped?.seq ?? 0), losses: losses.with(this.#dropped?.losses) };
  }
}
