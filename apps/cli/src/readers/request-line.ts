/** The request line and the time as web servers write them into their logs. */

/** `GET /path HTTP/1.1` -> method and target; undefined for `-` and for bytes that are no HTTP. Targets may hold spaces. */
export function requestLine(text: string): { method: string; target: string } | undefined {
  const match = /^([A-Za-z-]{1,20}) (.*?)(?: +HTTP\/\d(?:\.\d)?)?$/s.exec(text);
  const [, method, target] = match ?? [];
  return method && target?.trim() ? { method, target: target.trim() } : undefined;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `May` -> 4; -1 where it is no month. */
export const monthOf = (name: string): number => months.indexOf(name);

/** `17/May/2015:10:05:03 +0000` (also with a fraction of the second) -> milliseconds since the epoch, or undefined. */
export function clfTime(text: string): number | undefined {
  const match = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})? ([+-])(\d{2})(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [, day, name, year, hour, minute, second, fraction, sign, zoneHours, zoneMinutes] = match;
  const month = monthOf(name ?? '');
  const inRange =
    month >= 0 && Number(day) >= 1 && Number(day) <= 31 && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  if (!inRange) return undefined;
  const local = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return local - offset + Math.floor(Number(fraction ?? 0) * 1000);
}

/** ISO 8601, with a zone or in UTC without one -> milliseconds since the epoch, or undefined. */
export function isoTime(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?$/i.exec(text);
  if (!match) return undefined;
  const [, date, time, zone] = match;
  const offset = zone && zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : (zone ?? 'Z');
  const ts = Date.parse(`${date}T${(time ?? '').replace(',', '.')}${offset.toUpperCase()}`);
  return Number.isNaN(ts) ? undefined : ts;
}
