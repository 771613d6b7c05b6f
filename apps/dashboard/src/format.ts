/** Numbers, times and durations as people read them. Pure: the clock is a parameter. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** 1,234 below ten thousand, 12.3K above. */
export const count = (value: number): string => (Math.abs(value) < 10_000 ? whole.format(value) : short.format(value));

/** Every digit, where the number itself is the news: 12,345. */
export const exact = (value: number): string => whole.format(value);

/** Measures: whole above 100, else two significant digits after it matters: 62, 4.3, 0.25. */
export function measure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 10_000) return short.format(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 1 ? 1 : 2;
  return new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(value);
}

/** A share of a whole: 0 %, 0.3 %, 12 %; a dash where there is no whole. */
export function share(part: number, total: number): string {
  if (total <= 0) return '–';
  const percent = (100 * part) / total;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** 850 ms, 2.4 s. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** The two largest units: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  const rest = Math.max(0, Math.round(seconds));
  if (rest < 60) return `${rest} s`;
  if (rest < 3600) return `${Math.floor(rest / 60)} min`;
  const [large, small, unit, subunit] = rest < 86_400 ? [3600, 60, 'h', 'min'] : [86_400, 3600, 'd', 'h'];
  const remainder = Math.floor((rest % large) / small);
  return `${Math.floor(rest / large)} ${unit}${remainder ? ` ${remainder} ${subunit}` : ''}`;
}

/** What is left of a decision: `0:42`, `9:05`, then as a duration. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  if (seconds >= 3600) return duration(seconds);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `now`, `42 s ago`, `5 min ago`, `3 h ago`, then the date. */
export function ago(ts: number, now: number): string {
  const seconds = Math.round((now - ts) / 1000);
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return day.format(ts);
}

export const clockTime = (ts: number): string => time.format(ts);
export const clockMinute = (ts: number): string => minute.format(ts);
export const dayName = (ts: number): string => day.format(ts);
export const moment = (ts: number): string => full.format(ts);

/** `requests a minute` for a count in a window of 60 s; the unit alone where there is no window. */
export function perWindow(unit: string, windowSeconds: number): string {
  const names: Record<number, string> = { 1: 'a second', 60: 'a minute', 3600: 'an hour', 86400: 'a day' };
  if (windowSeconds <= 0) return unit;
  return `${unit} ${names[windowSeconds] ?? `in ${duration(windowSeconds)}`}`.trim();
}

export interface Scale {
  /** A value with what belongs right behind it: `62`, `4.2 MB`, `850 ms`, `12 %`. */
  text: (value: number) => string;
  /** What the value counts, and in which time: `requests a minute`, `in 10 min`. */
  per: string;
}

/** How the figures of an alert are written. Units that have symbols are written into the value. */
export function scaleOf(unit: string, windowSeconds: number): Scale {
  const sums = { text: measure, per: perWindow(unit, windowSeconds) };
  const [, symbol = '', rest = ''] = /^(bytes|B|ms|milliseconds|%|percent)(?:\s+(.*))?$/.exec(unit) ?? [];
  if (symbol === '') return sums;
  const over = (name: string) => (windowSeconds > 0 ? `${name} over ${duration(windowSeconds)}`.trim() : name);
  if (symbol === '%' || symbol === 'percent') return { text: (value) => `${measure(value)} %`, per: over(rest) };
  if (symbol === 'ms' || symbol === 'milliseconds') return { text: finite(milliseconds), per: over(rest) };
  return { text: finite(bytes), per: perWindow(rest, windowSeconds) };
}

const finite = (text: (value: number) => string) => (value: number) => (Number.isFinite(value) ? text(value) : '–');
