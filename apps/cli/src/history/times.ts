/** Times as people type them: milliseconds, ISO 8601, or how long ago: 30m, 12h, 7d. */
import { InvalidArgumentError } from 'commander';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds since the epoch. @throws InvalidArgumentError, which commander prints with the option's name. */
export function timeFrom(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * UNITS[unit as keyof typeof UNITS];
  const at = /^\d{10,16}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(at) && at >= 0) return at;
  throw new InvalidArgumentError('milliseconds, an ISO 8601 time, or how long ago: 30m, 12h, 7d.');
}
