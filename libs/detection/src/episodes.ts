/**
 * Open findings. A behaviour that goes on is one finding: opened once, repeated when it grows worse or each few seconds of
 * event time, ended when the subject has been calm for a while. Bounded; what does not fit is not opened, and counted.
 */
import type { Severity } from '@plimsoll/contracts';
import { CALM_MS, CALM_WINDOW_SHARE, MAX_OPEN, UPDATE_MS } from './constants.js';
import type { Finding, Phase } from './finding.js';
import { worse } from './severity.js';

/** Key under which the clocks are stored, beside those of the findings. */
const CLOCKS = 'clocks';

interface Episode {
  finding: Finding;
  /** Late or historical logs: ended by their own clock. */
  past: boolean;
  /** Newest log over the limit, event time in ms. */
  lastOver: number;
  lastSaid: number;
  /** The furthest clock of `settle` when the behaviour was last seen. */
  seenAt: number;
  count: number;
  /** Where it was at its worst: see `reachOf` in accuser.ts. Absent in what was stored before it was kept. */
  reach?: number;
  dirty: boolean;
}

/** What the caller knows about an open finding. */
export interface Standing {
  severity: Severity;
  count: number;
  endpoint: string | null;
  logId: string;
  reach: number;
}

export class Episodes {
  suppressed = 0;
  readonly #open = new Map<string, Episode>();
  #clock = 0;
  #pastClock = 0;
  #storedClocks = '0 0';
  readonly #gone: string[] = [];
  readonly #capacity: number;

  constructor(capacity = MAX_OPEN) {
    this.#capacity = capacity;
  }

  standing(key: string): Standing | undefined {
    const episode = this.#open.get(key);
    if (!episode) return undefined;
    const { severity, endpoint, logId } = episode.finding;
    return { severity, count: episode.count, endpoint, logId, reach: episode.reach ?? 1 };
  }

  has(key: string): boolean {
    return this.#open.has(key);
  }

  /** Whether something is to be said now, without saying it. */
  phaseOf(key: string, ts: number, severity: Severity): Phase | undefined {
    const episode = this.#open.get(key);
    if (!episode) return this.#open.size < this.#capacity ? 'opened' : undefined;
    return worse(severity, episode.finding.severity) || ts - episode.lastSaid >= UPDATE_MS ? 'updated' : undefined;
  }

  /** The behaviour was seen; `finding` where something was said about it. */
  note(key: string, ts: number, requests: number, finding: Finding | undefined, past: boolean, reach = 1): void {
    const known = this.#open.get(key);
    if (!known && !finding) {
      this.suppressed += 1;
      return;
    }
    if (past) this.#pastClock = Math.max(this.#pastClock, ts);
    const episode = known ?? this.#begin(key, finding as Finding, past, ts);
    episode.count += known ? requests : 0;
    episode.lastOver = Math.max(episode.lastOver, ts);
    episode.seenAt = this.#clock;
    episode.reach = Math.max(episode.reach ?? 1, reach);
    episode.dirty = true;
    if (finding) {
      episode.finding = finding;
      episode.lastSaid = Math.max(episode.lastSaid, ts);
    }
  }

  /** Past logs move their own clock, also while nothing is out of the normal. */
  observe(ts: number): void {
    if (ts > this.#pastClock) this.#pastClock = ts;
  }

  get pastClock(): number {
    return this.#pastClock;
  }

  /** Ends what has calmed down by `now`, event time in ms. */
  settle(now: number): Finding[] {
    // While a sender catches up, the clock of the events goes back: what was seen just now was not seen minutes ago.
    this.#clock = Math.max(this.#clock, now);
    const ended: Finding[] = [];
    for (const [key, episode] of this.#open) {
      const calm = Math.max(CALM_MS, episode.finding.windowSeconds * 1000 * CALM_WINDOW_SHARE);
      const since = this.#calmFor(episode, now);
      if (since <= calm) continue;
      this.#open.delete(key);
      this.#gone.push(key);
      ended.push({
        ...episode.finding,
        phase: 'ended',
        ts: episode.lastOver + calm,
        count: episode.count,
        reach: episode.reach ?? 1,
      });
    }
    return ended.sort((a, b) => a.ts - b.ts);
  }

  takeChanges(put: (key: string, state: unknown) => void, remove: (key: string) => void): void {
    const clocks = `${this.#clock} ${this.#pastClock}`;
    if (clocks !== this.#storedClocks) put(CLOCKS, { clock: this.#clock, pastClock: this.#pastClock });
    this.#storedClocks = clocks;
    for (const key of this.#gone.splice(0)) if (!this.#open.has(key)) remove(key);
    for (const [key, episode] of this.#open) {
      if (!episode.dirty) continue;
      episode.dirty = false;
      put(key, episode);
    }
  }

  load(key: string, state: unknown): void {
    if (key === CLOCKS) {
      const { clock, pastClock } = state as { clock: number; pastClock: number };
      this.#clock = Math.max(this.#clock, clock);
      this.#pastClock = Math.max(this.#pastClock, pastClock);
      this.#storedClocks = `${this.#clock} ${this.#pastClock}`;
    } else if (this.#open.size < this.#capacity) this.#open.set(key, { ...(state as Episode), dirty: false });
  }

  /**
   * Since when nothing was over the limit, in ms. Live logs may come out of a backlog: what was seen just now is not calm,
   * however old it is. Logs of the past end by their own clock, or when no more of them come.
   */
  #calmFor({ past, lastOver, seenAt }: Episode, now: number): number {
    return past ? Math.max(this.#pastClock - lastOver, now - seenAt) : now - Math.max(lastOver, seenAt);
  }

  #begin(key: string, finding: Finding, past: boolean, ts: number): Episode {
    const episode = { finding, past, lastOver: ts, lastSaid: ts, seenAt: this.#clock, count: finding.count, dirty: true };
    this.#open.set(key, episode);
    return episode;
  }
}

/** Key of the one open finding of a kind about a subject. `where`: the endpoint, or empty where it is not told apart. */
export function episodeKey(kind: string, service: string, past: boolean, type: string, id: string, where: string): string {
  return JSON.stringify([kind, service, past ? 1 : 0, type, id, where]);
}
