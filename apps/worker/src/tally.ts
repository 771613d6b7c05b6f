/** Counts of one batch: minute roll-ups by endpoint for the charts, and seconds for the live channel. */
import type { RequestLog, TrafficTick } from '@plimsoll/contracts';
import type { TrafficRow } from '@plimsoll/storage';

const MINUTE_MS = 60_000;

export class Tally {
  readonly #minutes = new Map<string, TrafficRow>();
  readonly #seconds = new Map<number, TrafficTick>();

  constructor(private readonly service: string) {}

  add(log: RequestLog, endpoint: string): void {
    const throttled = log.verdict === 'throttle' ? 1 : 0;
    // Who was asked for a proof was refused as well.
    const blocked = log.verdict === 'block' || log.verdict === 'challenge' ? 1 : 0;
    const errors = log.status >= 500 ? 1 : 0;
    const row = this.#minute(endpoint, Math.floor(log.ts / MINUTE_MS) * MINUTE_MS);
    row.requests += 1;
    row.errors += errors;
    row.clientErrors += log.status >= 400 && log.status < 500 && log.verdict === 'allow' ? 1 : 0;
    row.throttled += throttled;
    row.blocked += blocked;
    row.durationMs += log.durationMs;
    row.bytesOut += log.bytesOut;
    if (log.timing !== 'live') return;
    const tick = this.#second(Math.floor(log.ts / 1000));
    tick.requests += 1;
    tick.errors += errors;
    tick.throttled += throttled;
    tick.blocked += blocked;
  }

  get rows(): TrafficRow[] {
    return [...this.#minutes.values()];
  }

  /** Live seconds only; late and historical logs are not news. */
  get ticks(): TrafficTick[] {
    return [...this.#seconds.values()];
  }

  #minute(endpoint: string, minute: number): TrafficRow {
    const key = `${minute}\n${endpoint}`;
    let row = this.#minutes.get(key);
    if (!row) {
      const counts = { requests: 0, errors: 0, clientErrors: 0, throttled: 0, blocked: 0, durationMs: 0, bytesOut: 0 };
      row = { service: this.service, endpoint, minute, ...counts };
      this.#minutes.set(key, row);
    }
    return row;
  }

  #second(second: number): TrafficTick {
    let tick = this.#seconds.get(second);
    if (!tick) {
      tick = { service: this.service, second, requests: 0, errors: 0, throttled: 0, blocked: 0 };
      this.#seconds.set(second, tick);
    }
    return tick;
  }
}
