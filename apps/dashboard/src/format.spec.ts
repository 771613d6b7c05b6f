import { beforeEach, describe, expect, it } from 'vitest';
import {
  ago,
  bytes,
  clockTime,
  count,
  countdown,
  dayName,
  dayNames,
  duration,
  exact,
  fieldTime,
  measure,
  milliseconds,
  moment,
  percent,
  perWindow,
  scaleOf,
  share,
  timeOfField,
  tomorrowAt,
  weekHour,
  zoneOffset,
} from './format.js';
import { readAs } from './reader.js';

beforeEach(() => readAs({ locale: 'en-US', zone: 'UTC' }));

describe('numbers', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [12_345, '12.3K'],
  ])('count %d', (value, text) => expect(count(value)).toBe(text));
  it.each([
    [62, '62'],
    [4.26, '4.3'],
    [0.254, '0.25'],
    [412.7, '413'],
    [1_250_000, '1.3M'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('measure %d', (value, text) => expect(measure(value)).toBe(text));
  it.each([
    [0, 10, '0%'],
    [1, 300, '0.3%'],
    [1, 8, '13%'],
    [1, 1, '100%'],
    [0, 0, '–'],
  ])('share %d of %d', (part, total, text) => expect(share(part, total)).toBe(text));
  it.each([
    [999, '999 B'],
    [1_500, '1.5 kB'],
    [250_000, '250 kB'],
    [7_200_000_000, '7.2 GB'],
  ])('bytes %d', (value, text) => expect(bytes(value)).toBe(text));
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [3_599, '59 min'],
    [3_600, '1 h'],
    [11_100, '3 h 5 min'],
    [187_200, '2 d 4 h'],
    [-5, '0 s'],
  ])('duration %d', (seconds, text) => expect(duration(seconds)).toBe(text));
  it.each([
    [42_000, '0:42'],
    [41_001, '0:42'],
    [545_000, '9:05'],
    [0, '0:00'],
    [-1, '0:00'],
    [3_600_000, '1 h'],
  ])('countdown %d', (left, text) => expect(countdown(left)).toBe(text));
  it.each([
    [0, 'now'],
    [-60_000, 'now'],
    [42_000, '42 s ago'],
    [119_000, '1 min ago'],
    [7_300_000, '2 h ago'],
  ])('%d ms ago', (past, text) => expect(ago(1_000_000_000 - past, 1_000_000_000)).toBe(text));
  it('says the window in words', () => {
    expect(perWindow('requests', 60)).toBe('requests a minute');
    expect(perWindow('requests', 10)).toBe('requests in 10 s');
    expect(perWindow('bytes', 3_600)).toBe('bytes an hour');
  });
  it.each([
    ['requests', 60, 62, '62', 'requests a minute'],
    ['bytes', 3_600, 4_200_000, '4.2 MB', 'an hour'],
    ['bytes sent', 86_400, 900, '900 B', 'sent a day'],
    ['ms', 120, 850, '850 ms', 'over 2 min'],
    ['%', 30, 6.25, '6.3%', 'over 30 s'],
    ['% errors', 30, 6.25, '6.3%', 'errors over 30 s'],
    ['accounts', 0, 12, '12', 'accounts'],
    ['bytes', 60, Number.NaN, '–', 'a minute'],
  ])('%s in %d s', (unit, seconds, value, text, per) => {
    const scale = scaleOf(unit, seconds);
    expect([scale.text(value), scale.per]).toEqual([text, per]);
  });
  it('milliseconds', () => expect([milliseconds(12.4), milliseconds(2_440)]).toEqual(['12 ms', '2.4 s']));
});

describe('readers of other languages', () => {
  const NARROW = '\u202f';
  it.each([
    ['de-DE', '1.234.567', '4,3', '12,5 %', '1,5 kB', '2,4 s'],
    ['fr-FR', `1${NARROW}234${NARROW}567`, '4,3', '12,5 %', '1,5 kB', '2,4 s'],
    ['en-IN', '12,34,567', '4.3', '12.5%', '1.5 kB', '2.4 s'],
    // The interface is English: its figures are those that it is read with.
    ['ar-EG', '1,234,567', '4.3', '12.5', '1.5 kB', '2.4 s'],
  ])('%s', (locale, million, decimal, part, size, seconds) => {
    readAs({ locale });
    expect([exact(1_234_567), measure(4.26)]).toEqual([million, decimal]);
    // Which space it is differs by version of the tables.
    expect(percent(0.125, 1).replace(/\s/g, ' ')).toContain(part);
    expect([bytes(1_500), milliseconds(2_440)]).toEqual([size, seconds]);
  });

  it('dates and clocks are theirs too', () => {
    const ts = Date.UTC(2026, 2, 9, 15, 4, 5);
    readAs({ locale: 'de-DE' });
    expect([clockTime(ts), dayName(ts)]).toEqual(['15:04:05', '9. März']);
    readAs({ locale: 'en-US' });
    expect(clockTime(ts)).toMatch(/^3:04:05\sPM$/);
    expect(dayName(ts)).toBe('Mar 9');
    // No Buddhist year beside a Gregorian one.
    readAs({ locale: 'th-TH' });
    expect(moment(ts)).toContain('2026');
  });
});

describe('time zones', () => {
  beforeEach(() => readAs({ locale: 'en-GB' }));
  const ts = Date.UTC(2026, 10, 26, 23, 5, 7);
  it.each([
    ['UTC', '26 Nov 2026, 23:05:07 UTC', { day: 3, hour: 23 }],
    ['Europe/Berlin', '27 Nov 2026, 00:05:07 UTC+1', { day: 4, hour: 0 }],
    ['Asia/Kolkata', '27 Nov 2026, 04:35:07 UTC+5:30', { day: 4, hour: 4 }],
    ['America/St_Johns', '26 Nov 2026, 19:35:07 UTC-3:30', { day: 3, hour: 19 }],
    ['Pacific/Kiritimati', '27 Nov 2026, 13:05:07 UTC+14', { day: 4, hour: 13 }],
  ])('%s', (zone, text, hour) => {
    readAs({ zone });
    expect(moment(ts)).toBe(text);
    expect(weekHour(ts)).toEqual(hour);
    expect(dayNames()).toEqual(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']);
  });

  it('follow summer time', () => {
    readAs({ zone: 'Europe/Berlin' });
    expect([zoneOffset(Date.UTC(2026, 0, 1)), zoneOffset(Date.UTC(2026, 6, 1))]).toEqual(['UTC+1', 'UTC+2']);
    // 25 October, 03:00 becomes 02:00: the night is an hour longer.
    const evening = Date.UTC(2026, 9, 24, 20);
    expect(tomorrowAt(9, evening)).toBe(Date.UTC(2026, 9, 25, 8));
    // And the last day of a year ends in the next.
    expect(tomorrowAt(9, Date.UTC(2026, 11, 31, 22, 59))).toBe(Date.UTC(2027, 0, 1, 8));
    expect(tomorrowAt(9, Date.UTC(2026, 11, 31, 23, 1))).toBe(Date.UTC(2027, 0, 2, 8));
  });
  it('go into a field for a time and come back, in summer and in winter', () => {
    readAs({ zone: 'Europe/Berlin' });
    expect(fieldTime(Date.UTC(2026, 6, 1, 7, 5, 59))).toBe('2026-07-01T09:05');
    for (const ts of [Date.UTC(2026, 6, 1, 7, 5), Date.UTC(2026, 9, 25, 5), Date.UTC(2026, 11, 31, 23, 30)]) {
      expect(timeOfField(fieldTime(ts))).toBe(ts);
    }
    expect(timeOfField('')).toBeNaN();
  });

  it('say the year where a day alone would be taken for this year’s', () => {
    expect(ago(ts - 20 * 86_400_000, ts)).toBe('6 Nov');
    expect(ago(ts - 400 * 86_400_000, ts)).toBe('22 Oct 2025');
  });
});
