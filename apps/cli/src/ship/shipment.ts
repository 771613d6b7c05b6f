/**
 * Ships files: reads them from where each was left, merges them by time, sends batches, and notes after each how far every
 * file has come. Killed at any moment and started again, it sends at most one batch twice, under the same ids.
 */
import { createHash } from 'node:crypto';
import type { RequestLogInput } from '@plimsoll/contracts';
import type { Place } from '../readers/lines.js';
import { contentId, type FileLog, type LogFile, logsOf } from '../readers/log-file.js';
import { merged } from '../readers/order.js';
import { HourSpread, type Survey, spreadLogs, survey } from '../readers/survey.js';
import { Tally } from '../readers/tally.js';
import { type EventTime, timeOf } from './event-time.js';
import type { Sender } from './sender.js';
import type { ShipState } from './state.js';

const BATCH_LOGS = 500;
/** Played files are sent in steps of this. */
const STEP_MS = 250;
const MOST_EXAMPLES = 5;

export interface ShippedFile {
  file: LogFile;
  state: ShipState;
  found: Survey;
}

/** A file as it stands: how far it was shipped, and what there is to ship. */
export async function surveyed(file: LogFile, state: ShipState): Promise<ShippedFile> {
  return { file, state, found: await survey(file, state.place.lines) };
}

export interface ShipmentOptions {
  sender: Sender;
  rule: EventTime;
  spread: boolean;
  /** Logs a second, at most. */
  rate: number | undefined;
  signal: AbortSignal;
  /** Waits; ends early when the signal aborts. */
  pause: (ms: number) => Promise<void>;
  onBytes: (bytes: number) => void;
  onBatch: () => void;
}

export class Shipment {
  readonly tally = new Tally();
  accepted = 0;
  refused = 0;
  /** The first few refused logs: place and reason. */
  readonly examples: string[] = [];
  readonly #cursors = new Map<number, Place>();
  readonly #began = Date.now();
  #batch: FileLog[] = [];

  constructor(
    private readonly files: ShippedFile[],
    private readonly options: ShipmentOptions,
  ) {}

  /** Sends everything, or what fits until the signal aborts. @returns whether the files are finished. */
  async run(): Promise<boolean> {
    const { signal, rule, rate } = this.options;
    const size = rate === undefined ? BATCH_LOGS : Math.max(1, Math.min(BATCH_LOGS, Math.ceil((rate * STEP_MS) / 1000)));
    for await (const item of merged(this.files.map((file) => this.#logsOf(file)))) {
      if (signal.aborted) return false;
      if (rule.type === 'play' && timeOf(rule, item.log.ts) > Date.now()) {
        await this.#flush();
        await this.options.pause(Math.max(timeOf(rule, item.log.ts) - Date.now(), STEP_MS));
      }
      this.#batch.push(item);
      if (this.#batch.length >= size) await this.#flush();
    }
    if (signal.aborted) return false;
    await this.#flush();
    for (const { file, state } of this.files) {
      const place = this.#cursors.get(file.index);
      if (place) await state.pass(place);
      await state.finish();
    }
    return true;
  }

  /** Logs of one file behind the place it was left at, on their own or spread time. */
  #logsOf({ file, state, found }: ShippedFile): AsyncIterable<FileLog> {
    const onLine = ({ complete, end, number }: FileLog['line']) => {
      if (complete) this.#cursors.set(file.index, { bytes: end, lines: number });
    };
    const logs = logsOf(file, { tally: this.tally, from: state.place, onBytes: this.options.onBytes, onLine });
    return this.options.spread ? spreadLogs(logs, new HourSpread(found)) : logs;
  }

  async #flush(): Promise<void> {
    const items = this.#batch;
    this.#batch = [];
    if (items.length === 0) return;
    const logs = items.map((item) => this.#wireLog(item));
    const id = `ship_${sha256(logs.map((log) => log.id).join('\n'))}`;
    const { accepted, rejected } = await this.options.sender.send({ id, logs });
    this.accepted += accepted;
    this.refused += logs.length - accepted;
    for (const { index, field, reason } of rejected.slice(0, MOST_EXAMPLES - this.examples.length)) {
      const item = items[index];
      this.examples.push(`${this.files[item?.file ?? 0]?.file.path}:${item?.line.number}: ${field}: ${reason}`);
    }
    await this.#pass(items);
    this.options.onBatch();
    await this.#holdRate();
  }

  /** A shifted log is a new one in each run: its id carries the run. */
  #wireLog(item: FileLog): RequestLogInput & { id: string } {
    const { rule } = this.options;
    const id = contentId(item);
    const ownId = rule.type === 'keep' ? id : `s_${sha256(`${id}\n${this.files[item.file]?.state.run}`)}`;
    return { ...item.log, id: ownId, ts: timeOf(rule, item.log.ts) };
  }

  /** A last line without its line end is not passed: its writer may still be at it. */
  async #pass(items: FileLog[]): Promise<void> {
    const places = new Map<number, Place>();
    for (const { file, line } of items) if (line.complete) places.set(file, { bytes: line.end, lines: line.number });
    for (const [file, place] of places) await this.files[file]?.state.pass(place);
  }

  async #holdRate(): Promise<void> {
    const { rate } = this.options;
    if (rate === undefined) return;
    const due = this.#began + ((this.accepted + this.refused) / rate) * 1000;
    if (due > Date.now()) await this.options.pause(due - Date.now());
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 40);
