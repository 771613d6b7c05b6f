/**
 * Numbers, times and durations as people read them: the one place where the page writes any of them, by the reader's locale and time
 * zone (reader.ts). Symbols of units are those of the SI in every locale. The clock is a parameter.
 */
import { currentFormats, currentReader } from './reader.js';

const whole = (value: number): string => currentFormats().numbers[0].format(value);

/** 1,234 below ten thousand, 12.3K above. */
export const count = (value: number): string => (Math.abs(value) < 10_000 ? whole(value) : currentFormats().short.format(value));

/** Every digit, where the number itself is the news: 12,345. */
export const exact = (value: number): string => whole(value);

/** Digits behind the point that still say something. */
const digitsOf = (size: number): 0 | 1 | 2 => (size >= 100 || Number.isInteger(size) ? 0 : size >= 1 ? 1 : 2);

/** Measures: whole above 100, else two significant digits after it matters: 62, 4.3, 0.25. */
export function measure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return size >= 10_000 ? currentFormats().short.format(value) : currentFormats().numbers[digitsOf(size)].format(value);
}

/** @param ratio 0 to 1 */
export const percent = (ratio: number, digits: 0 | 1 | 2 = 0): string => currentFormats().percents[digits].format(ratio);

/** A share of a whole: 0%, 0.3%, 12%; a dash where there is no whole. */
export function share(part: number, total: number): string {
  if (total <= 0) return '–';
  return percent(part / total, Math.abs(part / total) < 0.1 ? 1 : 0);
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? whole(size) : currentFormats().tenth.format(size)} ${units[unit]}`;
}

/** 850 ms, 2.4 s. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${whole(value)} ms` : `${currentFormats().tenth.format(value / 1000)} s`;
}

/** The two largest units: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  const rest = Math.max(0, Math.round(seconds));
  if (rest < 60) return `${rest} s`;
  if (rest < 3600) return `${Math.floor(rest / 60)} min`;
  const [large, small, unit, subunit] = rest < 86_400 ? [3600, 60, 'h', 'min'] : [86_400, 3600, 'd', 'h'];
  const remainder = Math.floor((rest % large) / small);
  return `${whole(Math.floor(rest / large))} ${unit}${remainder ? ` ${remainder} ${subunit}` : ''}`;
}

/** What is left of a decision: `0:42`, `9:05`, then as a duration. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  if (seconds >= 3600) return duration(seconds);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const DAY_MS = 86_400_000;
/** A day and a month without its year are taken for the last such day. */
const YEARLESS_MS = 300 * DAY_MS;

/** `now`, `42 s ago`, `5 min ago`, `3 h ago`, then the date. */
export function ago(ts: number, now: number): string {
  const seconds = Math.round((now - ts) / 1000);
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return now - ts < YEARLESS_MS ? dayName(ts) : currentFormats().date.format(ts);
}

export const clockTime = (ts: number): string => currentFormats().time.format(ts);
export const clockMinute = (ts: number): string => currentFormats().minute.format(ts);
export const dayName = (ts: number): string => currentFormats().day.format(ts);
/** Day and time without any doubt: `26 Nov 2026, 17:05:07 UTC+1`. */
export const moment = (ts: number): string => `${currentFormats().full.format(ts)} ${zoneOffset(ts)}`;

/** How far the reader's clock is ahead of UTC at that time, in milliseconds. */
function offsetMs(ts: number): number {
  const parts = currentFormats().fields.formatToParts(ts);
  const at = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
  return wall - Math.floor(ts / 1000) * 1000;
}

/** `UTC`, `UTC+1`, `UTC-3:30`: unlike names of zones it can be reckoned with, and unlike letters (IST, CST) it is one zone's. */
export function zoneOffset(ts: number): string {
  const minutes = Math.round(offsetMs(ts) / 60_000);
  if (minutes === 0) return 'UTC';
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest > 0 ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

/** Name of the reader's time zone: `Europe/Berlin`. */
export const zoneName = (): string => currentReader().zone;

/** Day (Monday is 0) and hour on the reader's clock. */
export function weekHour(ts: number): { day: number; hour: number } {
  const wall = new Date(ts + offsetMs(ts));
  return { day: (wall.getUTCDay() + 6) % 7, hour: wall.getUTCHours() };
}

/** A Monday, noon in UTC. Noon is on the same day in nearly every zone; names of days are asked for by the zone's own clock. */
const A_MONDAY = Date.UTC(2026, 10, 23, 12);
/** Names of the days from Monday on. */
export function dayNames(): string[] {
  const shift = offsetMs(A_MONDAY);
  return Array.from({ length: 7 }, (_, day) => currentFormats().weekday.format(A_MONDAY - shift + day * DAY_MS));
}

/** When the reader's clock shows this, written as if it were UTC's; of an hour that comes twice one of them. */
const ofWall = (wall: number): number => wall - offsetMs(wall - offsetMs(wall));

/** The next day's hour on the reader's clock, also across a change of summer time. */
export function tomorrowAt(hour: number, now: number): number {
  const wall = new Date(now + offsetMs(now));
  return ofWall(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() + 1, hour));
}

/** To the minute on the reader's clock, as a field for a time holds it: `2026-11-27T09:05`. */
export const fieldTime = (ts: number): string => new Date(ts + offsetMs(ts)).toISOString().slice(0, 16);

/** Milliseconds; NaN where the field holds none. */
export function timeOfField(text: string): number {
  const wall = Date.parse(`${text}Z`);
  return Number.isNaN(wall) ? wall : ofWall(wall);
}

/** `requests a minute` for a count in a window of 60 s; the unit alone where there is no window. */
export function perWindow(unit: string, windowSeconds: number): string {
  const names: Record<number, string> = { 1: 'a second', 60: 'a minute', 3600: 'an hour', 86400: 'a day' };
  if (windowSeconds <= 0) return unit;
  return `${unit} ${names[windowSeconds] ?? `in ${duration(windowSeconds)}`}`.trim();
}

export interface Scale {
  /** A value with what belongs right behind it: `62`, `4.2 MB`, `850 ms`, `12%`. */
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
  if (symbol === '%' || symbol === 'percent') {
    return { text: finite((value) => percent(value / 100, digitsOf(Math.abs(value)))), per: over(rest) };
  }
  if (symbol === 'ms' || symbol === 'milliseconds') return { text: finite(milliseconds), per: over(rest) };
  return { text: finite(bytes), per: perWindow(rest, windowSeconds) };
}

const finite = (text: (value: number) => string) => (value: number) => (Number.isFinite(value) ? text(value) : '–');
