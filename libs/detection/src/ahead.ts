/**
 * Reads ahead. A model of a million pairs lies in main memory, and a request that is looked up alone waits for it a dozen
 * times, one look after another; most of the time of a model would be such waiting. The requests of a batch have nothing to
 * do with each other in this: looked up in steps, a group at a time, their waits overlap. Nothing is learnt or judged here,
 * and what was found is checked again when its turn comes, since the logs before it may have changed it.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { newVisit, type Visit } from './visit.js';

/** Logs of a group: so many waits overlap, and all that was read is still in the cache when its turn comes. */
const GROUP = 64;

/** How a group is looked up: reads what judging and learning the visits will need, and fills in what is known of them. */
export type Reader = (visits: readonly Visit[]) => void;

export class Ahead {
  readonly #reader: Reader;
  #service = '';
  #logs: readonly RequestLog[] = [];
  #names: readonly string[] = [];
  #next = 0;
  #group: Visit[] = [];

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** These logs come next, in this order. Replaces what was said before. */
  expect(service: string, logs: readonly RequestLog[], names: readonly string[]): void {
    this.#service = service;
    this.#logs = logs;
    this.#names = names;
    this.#next = 0;
  }

  /** The visit of a log, as it was looked up ahead; undefined where another log was expected. */
  take(service: string, log: RequestLog, name: string): Visit | undefined {
    const index = this.#next;
    if (this.#logs[index] !== log || this.#names[index] !== name || this.#service !== service) return undefined;
    if (index % GROUP === 0) this.#read(index);
    const visit = this.#group[index % GROUP];
    this.#next += 1;
    if (this.#next === this.#logs.length) this.expect('', [], []);
    return visit;
  }

  #read(from: number): void {
    const service = this.#service;
    this.#group = this.#logs
      .slice(from, from + GROUP)
      .map((log, index) => newVisit(service, log, this.#names[from + index] ?? ''));
    this.#reader(this.#group);
  }
}
