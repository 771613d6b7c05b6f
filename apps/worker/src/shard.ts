/**
 * One shard that this worker holds: its model, the evidence at hand, and what must not happen at once. Jobs, settling and
 * snapshots take turns; a snapshot therefore always contains whole batches, told and all.
 */
import { Evidence, Model } from '@plimsoll/detection';
import { type Changes, type KeptLog, type Lease, type Redis, saveBaselines } from '@plimsoll/storage';
import type { Tape } from './history/tape.js';

/** A job that ended within this time says that more are waiting: the clock of the events is then that of the queue. */
const BUSY_MS = 1_000;

export class Shard {
  readonly model = new Model();
  readonly evidence = new Evidence();
  /** Another worker holds the shard, or it is being given back: begin nothing, write nothing. */
  lost = false;
  /** The model contains logs whose batch is not committed (yet): it must not be written. */
  tainted = false;
  /** Sequence number of the last batch or settling that the model contains. */
  seq = 0;
  /** On the way into the history; undefined where none is kept. */
  tape: Tape | undefined;
  /** Time of the newest log or contribution, milliseconds. */
  #newest = 0;
  /** Whether the job at hand told of any, and when the last that did was done. */
  #telling = false;
  #toldAt = 0;
  #lastReceived = 0;
  #lastDone = 0;
  #finished: { id: string; seq: number }[] = [];
  #unsaved: { seq: number; changes: Changes } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly lease: Lease,
    private readonly now: () => number,
    private readonly onLost: () => void,
  ) {}

  /** Runs tasks one after another. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * A batch is committed and learnt; its job may go once a snapshot contains it and the history has its logs.
   *
   * @param logs those that counted
   */
  committed(seq: number, jobId: string, receivedAt: number, logs: readonly KeptLog[] = []): void {
    this.settled(seq, jobId, logs, receivedAt);
    this.#finished.push({ id: jobId, seq });
    this.#lastReceived = receivedAt;
    this.#lastDone = this.now();
    if (this.#telling) this.#toldAt = this.#lastDone;
    this.#telling = false;
  }

  /** What happened by the clock alone is committed, or a batch. */
  settled(seq: number, id: string, logs: readonly KeptLog[] = [], receivedAt = 0): void {
    this.tainted = false;
    this.seq = Math.max(this.seq, seq);
    this.tape?.note(seq, id, logs, receivedAt);
  }

  /** The job at hand tells of live things up to this time, milliseconds; 0 where it tells of none, as an import does. */
  heard(newest: number): void {
    if (newest === 0) return;
    this.#telling = true;
    this.#newest = Math.max(this.#newest, newest);
  }

  /**
   * Up to when this shard has seen everything, milliseconds: now where the queue is empty; while jobs come, up to what they tell
   * of live traffic, where they do, and no further than when the last one was received. Nobody has calmed down, and no minute is
   * over, only because the worker or a sender is behind: a block that is closed before all of its logs were counted teaches two
   * halves of itself.
   */
  clock(now: number): number {
    if (now - this.#lastDone >= BUSY_MS) return now;
    const told = now - this.#toldAt < BUSY_MS ? this.#newest : now;
    return Math.min(now, this.#lastReceived, told);
  }

  lose(): void {
    if (this.lost) return;
    this.lost = true;
    this.onLost();
  }

  /**
   * Writes behind what changed since the last time.
   *
   * @param forget lets go of jobs that need not be kept any longer; where it fails they are given to it again the next time
   */
  async snapshot(redis: Redis, namespace: string, forget: (ids: readonly string[]) => Promise<void>): Promise<void> {
    if (this.lost || this.tainted) return;
    this.#unsaved ??= { seq: this.seq, changes: this.model.takeChanges() };
    const { seq, changes } = this.#unsaved;
    const anything = changes.puts.length > 0 || changes.deletes.length > 0 || this.#finished.length > 0;
    if (anything && !(await saveBaselines(redis, namespace, this.lease, seq, changes))) {
      this.lose();
      return;
    }
    this.#unsaved = undefined;
    const gone = this.#finished.filter((job) => job.seq <= seq && this.tape?.has(job.seq) !== false);
    await forget(gone.map(({ id }) => id));
    const forgotten = new Set(gone);
    this.#finished = this.#finished.filter((job) => !forgotten.has(job));
  }
}
