/**
 * The risks of the services that somebody follows here, read anew when alerts have changed (at most every two seconds) and now
 * and then; what readers get is the difference of two numbers, `seq`, as with decisions. A risk that only fades is no change: SDKs
 * reckon that themselves. Bounded by storage's cap of subjects; what is gone is remembered for as many, older readers begin anew.
 */
import { presentRisk } from '@plimsoll/detection';
import type { SubjectRisk } from '@plimsoll/storage';
import type { Logger } from 'pino';

/** Between two readings of a service's alerts. */
const LEAST_PAUSE_MS = 2_000;
/** An announcement may be lost. */
const READ_AGAIN_MS = 15_000;
const MAX_GONE = 1_000;
/** Below it a risk counts as unchanged: an attack that goes on is not news every two seconds. */
const NOTABLE = 0.02;

export interface RiskChange {
  /** Null: all there is. */
  previous: number | null;
  seq: number;
  raised: SubjectRisk[];
  gone: SubjectRisk['subject'][];
}
export interface RiskBoardEdges {
  read: (service: string, now: number) => Promise<{ risks: SubjectRisk[]; left: number }>;
  now: () => number;
  /** Subjects that found no room, once for each time that they are more than before. */
  onDrop: (count: number) => void;
  log: Logger;
}
interface Board {
  readers: Set<() => void>;
  seq: number;
  risks: Map<string, { risk: SubjectRisk; seq: number }>;
  gone: Map<string, { subject: SubjectRisk['subject']; seq: number }>;
  /** Who holds less than this begins anew. */
  oldest: number;
  left: number;
  readAt: number;
  reading: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

const keyOf = ({ type, id }: SubjectRisk['subject']) => `${type} ${id}`;

export class RiskBoard {
  /** Services are rows that people made, and forgotten with their last reader. */
  readonly #boards = new Map<string, Board>();

  constructor(private readonly edges: RiskBoardEdges) {}

  /** Alerts of the service have changed. */
  announced(service: string): void {
    const board = this.#boards.get(service);
    if (board !== undefined) this.#plan(service, board, board.readAt + LEAST_PAUSE_MS - this.edges.now());
  }

  /** Calls `wake` at every change until the function returned is called. */
  follow(service: string, wake: () => void): () => void {
    const board = this.#boards.get(service) ?? fresh(this.edges.now());
    this.#boards.set(service, board);
    board.readers.add(wake);
    return () => {
      board.readers.delete(wake);
      if (board.readers.size > 0) return;
      clearTimeout(board.timer);
      this.#boards.delete(service);
    };
  }

  /** Once the service's risks have been read, at the latest `READ_AGAIN_MS` ago. Never rejects: risks are no reason to break a feed. */
  async ready(service: string): Promise<void> {
    const board = this.#boards.get(service);
    if (board !== undefined && this.edges.now() - board.readAt >= READ_AGAIN_MS) await this.#read(service, board);
  }

  /** 0 where nothing was read yet. */
  seq(service: string): number {
    return this.#boards.get(service)?.seq ?? 0;
  }

  change(service: string, since: number | undefined): RiskChange {
    const board = this.#boards.get(service) ?? fresh(this.edges.now());
    const { seq, risks, gone } = board;
    if (since === undefined || since < board.oldest || since > seq) {
      return { previous: null, seq, raised: [...risks.values()].map(({ risk }) => risk), gone: [] };
    }
    const raised = [...risks.values()].filter((one) => one.seq > since).map(({ risk }) => risk);
    return {
      previous: since,
      seq,
      raised,
      gone: [...gone.values()].filter((one) => one.seq > since).map(({ subject }) => subject),
    };
  }

  close(): void {
    for (const { timer } of this.#boards.values()) clearTimeout(timer);
  }

  #plan(service: string, board: Board, waitMs: number): void {
    clearTimeout(board.timer);
    board.timer = setTimeout(() => void this.#read(service, board), Math.max(0, waitMs)).unref();
  }

  #read(service: string, board: Board): Promise<void> {
    board.reading ??= this.#take(service, board).finally(() => {
      board.reading = undefined;
      if (this.#boards.get(service) === board) this.#plan(service, board, READ_AGAIN_MS);
    });
    return board.reading;
  }

  async #take(service: string, board: Board): Promise<void> {
    const now = this.edges.now();
    board.readAt = now;
    try {
      const { risks, left } = await this.edges.read(service, now);
      if (left > board.left) this.edges.onDrop(left - board.left);
      board.left = left;
      if (put(board, risks, now)) for (const wake of [...board.readers]) wake();
    } catch (err) {
      this.edges.log.warn({ err, service }, 'risks not read');
    }
  }
}

/** Numbers begin at the time: what is kept for the readers of an earlier board of the service is not taken for this one's. */
const fresh = (now: number): Board => ({
  readers: new Set(),
  seq: now,
  risks: new Map(),
  gone: new Map(),
  oldest: now,
  left: 0,
  readAt: Number.NEGATIVE_INFINITY,
  reading: undefined,
  timer: undefined,
});

/** @returns whether anything has changed. */
function put(board: Board, risks: readonly SubjectRisk[], now: number): boolean {
  const seq = board.seq + 1;
  const present = new Set<string>();
  let changed = false;
  for (const risk of risks) {
    const key = keyOf(risk.subject);
    present.add(key);
    const known = board.risks.get(key);
    if (known !== undefined && !isNews(known.risk, risk, now)) continue;
    board.risks.set(key, { risk, seq });
    board.gone.delete(key);
    changed = true;
  }
  for (const [key, { risk }] of board.risks) {
    if (present.has(key)) continue;
    board.risks.delete(key);
    board.gone.set(key, { subject: risk.subject, seq });
    changed = true;
  }
  for (const [key, { seq: at }] of board.gone) {
    if (board.gone.size <= MAX_GONE) break;
    board.gone.delete(key);
    board.oldest = Math.max(board.oldest, at);
  }
  if (changed) board.seq = seq;
  return changed;
}

const isNews = (known: SubjectRisk, risk: SubjectRisk, now: number): boolean =>
  Math.abs(presentRisk(known, now) - presentRisk(risk, now)) >= NOTABLE ||
  known.alerts !== risk.alerts ||
  known.since !== risk.since ||
  known.provedAt !== risk.provedAt ||
  known.signals.join() !== risk.signals.join();
