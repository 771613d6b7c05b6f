/**
 * How whoever sits at this browser reads numbers and times: by the browser's locale, and in the time zone that was chosen here (the
 * browser's own, UTC, or a named one). Holds the Intl objects of both, which are dear to make, and the choice, which is kept in this
 * browser and taken by all of its tabs at once: whatever writes a time calls `useZone`, so that no page mixes two.
 */
import { useSyncExternalStore } from 'react';

export interface Reader {
  /** BCP 47. */
  locale: string;
  /** IANA name of a time zone. */
  zone: string;
}

const KEY = 'plimsoll-zone';
/** The choice to go by the browser's own zone, also after a journey. */
export const BROWSER = 'browser';

/** The interface is English: figures stay European and dates Gregorian in it, whatever the locale would have. */
const common = { numberingSystem: 'latn' } as const;

function formatsOf({ locale, zone }: Reader) {
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, { ...common, ...options });
  const date = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...common, calendar: 'gregory', timeZone: zone, ...options });
  const digits = <T>(make: (maximumFractionDigits: number) => T) => [make(0), make(1), make(2)] as const;
  // 09:05 stands straight in a column; 09:05 PM is nobody's way to write it.
  const halves = new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12;
  const clock = { hour: halves ? 'numeric' : '2-digit', minute: '2-digit' } as const;
  const day = { day: 'numeric', month: 'short' } as const;
  return {
    numbers: digits((maximumFractionDigits) => number({ maximumFractionDigits })),
    percents: digits((maximumFractionDigits) => number({ style: 'percent', maximumFractionDigits })),
    tenth: number({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    short: number({ notation: 'compact', maximumFractionDigits: 1 }),
    time: date({ ...clock, second: '2-digit' }),
    minute: date(clock),
    day: date(day),
    date: date({ ...day, year: 'numeric' }),
    full: date({ ...day, year: 'numeric', ...clock, second: '2-digit' }),
    weekday: date({ weekday: 'short' }),
    /** For reckoning, never for reading. */
    fields: new Intl.DateTimeFormat('en-US', {
      ...common,
      calendar: 'gregory',
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }),
  };
}
export type Formats = ReturnType<typeof formatsOf>;

export const browserZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** The first that can be used of those that the browser asks pages for; some name `C` or `en-US@posix`. */
function browserLocale(): string {
  const usable = (globalThis.navigator?.languages ?? []).find((tag) => {
    try {
      return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
    } catch {
      return false;
    }
  });
  return usable ?? 'en';
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** A zone that this browser knows; else its own. */
function keptChoice(): string {
  try {
    const kept = localStorage.getItem(KEY) ?? BROWSER;
    return isZone(kept) ? kept : BROWSER;
  } catch {
    return BROWSER;
  }
}

const zoneOf = (chosen: string): string => (chosen === BROWSER ? browserZone() : chosen);

let choice = keptChoice();
let reader: Reader = { locale: browserLocale(), zone: zoneOf(choice) };
let formats: Formats | undefined;
const listeners = new Set<() => void>();

export const currentReader = (): Reader => reader;
export function currentFormats(): Formats {
  formats ??= formatsOf(reader);
  return formats;
}

/** Reads as somebody else does: the choice of a zone takes this way, and tests do. */
export function readAs(part: Partial<Reader>): void {
  reader = { ...reader, ...part };
  formats = undefined;
  for (const listener of listeners) listener();
}

/** @param chosen `BROWSER`, or a name that `zoneNames` has */
export function chooseZone(chosen: string): void {
  if (chosen !== BROWSER && !isZone(chosen)) return;
  choice = chosen;
  try {
    if (chosen === BROWSER) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // Storage may be forbidden: the choice then lasts until the page is left.
  }
  readAs({ zone: zoneOf(chosen) });
}

/** What another tab has chosen, or what was chosen while this page lay in the browser's memory of pages. */
function takeChoice(): void {
  const kept = keptChoice();
  if (kept === choice) return;
  choice = kept;
  readAs({ zone: zoneOf(kept) });
}
// Tests of what has no window load this as well.
globalThis.addEventListener?.('storage', ({ key }) => {
  if (key === KEY || key === null) takeChoice();
});
globalThis.addEventListener?.('pageshow', takeChoice);

/** All named zones that this browser knows, UTC left out: it is a choice of its own. */
export const zoneNames = (): string[] => Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC');

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useReader = (): Reader => useSyncExternalStore(subscribe, currentReader);
/** The zone of the times that a component writes, which it writes anew when another is chosen. */
export const useZone = (): string => useReader().zone;
export const useZoneChoice = (): string => useSyncExternalStore(subscribe, () => choice);
