/**
 * Traffic of the last seconds, summed over shards and workers, for the pages' moving chart. Workers report a second in
 * several pieces and some of them late; a second is handed out once it is complete, and again as a whole when a late
 * piece has changed it.
 */
import type { TrafficTick } from '@plimsoll/contracts';

/** Pieces of older seconds come from spools and old files: the roll-ups have them, the moving chart does not. */
const KEPT_SECONDS = 15;
/** Beyond it further services are left out of the moving chart and counted. */
const MAX_SERVICES = 1_000;

export class TrafficWindow {
  private readonly sums = new Map<string, { tick: TrafficTick; changed: boolean }>();
  /** Pieces left out because there were too many services at once. */
  dropped = 0;

  add(pieces: TrafficTick[], now: number): void {
    const second = Math.floor(now / 1000);
    for (const piece of pieces) {
      if (piece.second <= second - KEPT_SECONDS || piece.second > second + 1) continue;
      const key = `${piece.second} ${piece.service}`;
      const sum = this.sums.get(key);
      if (sum === undefined && this.sums.size >= MAX_SERVICES * KEPT_SECONDS) this.dropped += 1;
      else this.sums.set(key, { tick: sum ? add(sum.tick, piece) : piece, changed: true });
    }
  }

  /** Complete seconds that are new or have changed since the last take. */
  take(now: number): TrafficTick[] {
    const second = Math.floor(now / 1000);
    const ticks: TrafficTick[] = [];
    for (const [key, sum] of this.sums) {
      if (sum.tick.second <= second - KEPT_SECONDS) this.sums.delete(key);
      else if (sum.changed && sum.tick.second < second) {
        ticks.push(sum.tick);
        sum.changed = false;
      }
    }
    return ticks;
  }
}

const add = (a: TrafficTick, b: TrafficTick): TrafficTick => ({
  service: a.service,
  second: a.second,
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
  throttled: a.throttled + b.throttled,
  blocked: a.blocked + b.blocked,
});

export function byService(ticks: readonly TrafficTick[]): Map<string, TrafficTick[]> {
  const groups = new Map<string, TrafficTick[]>();
  for (const tick of ticks) groups.set(tick.service, [...(groups.get(tick.service) ?? []), tick]);
  return groups;
}
