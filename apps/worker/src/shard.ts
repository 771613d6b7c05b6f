/**
 * One shard that this worker holds: its model, the evidence at hand, and what must not happen at once. Jobs, settling and
 * snapshots take turns; a snapshot therefore always contains whole batches, told and all.
 */
import { Model } from '@plimsoll/detection';
import { type Changes, type Lease, type Redis, saveBaselines } from '@plimsoll/storage';
import { Evidence } from './evidence.js';

export class Shard {
  readonly model = new Model();
  readonly evidence = new Evidence();
  /** Another worker holds the shard, or it is being given back: begin nothing, write nothing. */
  lost = false;
  /** Sequence number of the last batch that the model contains. */
  seq = 0;
  #finished: { id: string; seq: number }[] = [];
  #unsaved: { seq: number; changes: Changes } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly lease: Lease,
    private readonly onLost: () => void,
  ) {}

  /** Runs tasks one after another. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** A batch is committed and learnt; its job may go once a snapshot contains it. */
  committed(seq: number, jobId: string): void {
    this.seq = Math.max(this.seq, seq);
    this.#finished.push({ id: jobId, seq });
  }

  lose(): void {
    if (this.lost) return;
    this.lost = true;
    this.onLost();
  }

  /**
   * Writes behind what changed since the last time.
   *
   * @returns ids of jobs that need not be kept any longer.
   */
  async snapshot(redis: Redis, namespace: string): Promise<string[]> {
    if (this.lost) return [];
    this.#unsaved ??= this.#finished.length === 0 ? undefined : { seq: this.seq, changes: this.model.takeChanges() };
    const unsaved = this.#unsaved;
    if (!unsaved) return [];
    if (!(await saveBaselines(redis, namespace, this.lease, unsaved.seq, unsaved.changes))) {
      this.lose();
      return [];
    }
    this.#unsaved = undefined;
    const contained = this.#finished.filter(({ seq }) => seq <= unsaved.seq);
    this.#finished = this.#finished.filter(({ seq }) => seq > unsaved.seq);
    return contained.map(({ id }) => id);
  }
}
