/** What a host says when it makes a guard, and what of it can be used. */
import type { Fault, Faults } from './faults.js';

export interface PlimsollOptions {
  /** Of the ingestion server: `https://ingest.example.com`. */
  url: string;
  /** An ingest key, `plim_...`; it names the service. */
  key: string;
  /** How long request logs wait for company, milliseconds; 250 by default, 10 to 60,000. */
  flushMs?: number;
  /** Most request logs in a batch; 2,000 by default, 1 to 5,000. */
  maxBatch?: number;
  /** Most request logs waiting; 10,000 by default, up to 100,000. Beyond it the oldest are dropped and counted. */
  maxBuffered?: number;
  /** Name of this instance in the console; by default the host's name and the process id. */
  instance?: string;
  /**
   * True signs each batch with a key of this process. By default batches are signed where Plimsoll says that the API key requires it.
   */
  signBatches?: boolean;
  /** Told what goes wrong, at most once a minute for each code. By default a Node process warning. */
  onError?: (fault: Fault) => unknown;
}

/** The URL of the options, or undefined, with a fault told, where they cannot work. */
export function baseOf(options: PlimsollOptions, faults: Faults): URL | undefined {
  const fault = (what: string) => {
    faults.report('config', `Plimsoll is off, every request is let through: ${what}`);
    return undefined;
  };
  if (typeof options?.key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(options.key.trim()))
    return fault('`key` is not an ingest key');
  if (typeof options.url !== 'string' || !URL.canParse(options.url)) return fault('`url` is not a URL');
  const base = new URL(options.url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') return fault('`url` is neither http nor https');
  return base;
}

export function limitsOf(options: PlimsollOptions) {
  const within = (value: unknown, usual: number, min: number, max: number): number =>
    typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, min), max) : usual;
  return {
    flushMs: within(options?.flushMs, 250, 10, 60_000),
    maxBatch: Math.floor(within(options?.maxBatch, 2_000, 1, 5_000)),
    maxBuffered: Math.floor(within(options?.maxBuffered, 10_000, 1, 100_000)),
  };
}
