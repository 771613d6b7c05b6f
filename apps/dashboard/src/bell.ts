/**
 * A sound and a notification of the desktop for new alerts, each an option of this browser and off until it is turned on. One for
 * a campaign: whoever is woken once need not be woken again by each of a hundred accounts. Of several tabs only one rings.
 */
import { type Alert, type Severity, severities } from '@plimsoll/contracts';

export interface BellSettings {
  sound: boolean;
  desktop: boolean;
  /** Below it nothing rings. */
  from: Severity;
}
export const SILENT: BellSettings = { sound: false, desktop: false, from: 'high' };

/** How it rings; given from outside, so that tests can listen. */
export interface BellEdges {
  settings(): BellSettings;
  /** Milliseconds of the server's clock. */
  now(): number;
  sound(): void;
  desktop(alert: Alert): void;
}

/** Sounds closer together than this are one. */
const SOUND_MS = 10_000;
/** What opened longer than this before the page is no news. */
const NEWS_MS = 60_000;
/** Campaigns and alerts that have rung; the oldest are forgotten, and may ring again. */
const REMEMBERED = 5_000;

export class Bell {
  readonly #edges: BellEdges;
  /** From the first event on: by then an answer has told the server's time. */
  #since: number | undefined;
  readonly #rung = new Set<string>();
  #soundAt = Number.NEGATIVE_INFINITY;

  constructor(edges: BellEdges) {
    this.#edges = edges;
  }

  /** An alert as the live channel tells it, new or changed. */
  hear(alert: Alert): void {
    const { sound, desktop, from } = this.#edges.settings();
    const now = this.#edges.now();
    this.#since ??= now - NEWS_MS;
    if (alert.state !== 'open' || alert.historical || alert.firstAt < this.#since) return;
    if (severities.indexOf(alert.severity) < severities.indexOf(from)) return;
    // The alert that leads a campaign is named by its members.
    const names = [alert.id, ...(alert.campaign === null ? [] : [alert.campaign])];
    const known = names.some((name) => this.#rung.has(name));
    for (const name of names) this.#remember(name);
    if (known) return;
    if (sound && now - this.#soundAt >= SOUND_MS) {
      this.#soundAt = now;
      this.#edges.sound();
    }
    if (desktop) this.#edges.desktop(alert);
  }

  #remember(name: string): void {
    this.#rung.delete(name);
    this.#rung.add(name);
    for (const oldest of this.#rung) {
      if (this.#rung.size <= REMEMBERED) break;
      this.#rung.delete(oldest);
    }
  }
}

const KEY = 'plimsoll-bell';

/** As they are kept in this browser; silence where nothing is kept, or nothing that can be read. */
export function readBell(): BellSettings {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const { sound, desktop, from } = kept as Partial<Record<keyof BellSettings, unknown>>;
    return {
      sound: sound === true,
      desktop: desktop === true,
      from: severities.find((each) => each === from) ?? SILENT.from,
    };
  } catch {
    return SILENT;
  }
}

export function keepBell(settings: BellSettings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Storage may be forbidden: the choice then lasts until the page is left.
  }
}
