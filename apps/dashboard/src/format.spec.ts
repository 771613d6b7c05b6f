import { describe, expect, it } from 'vitest';
import { ago, bytes, count, countdown, duration, measure, milliseconds, perWindow, scaleOf, share } from './format.js';

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
    [0, 10, '0 %'],
    [1, 300, '0.3 %'],
    [1, 8, '13 %'],
    [1, 1, '100 %'],
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
    ['%', 30, 6.25, '6.3 %', 'over 30 s'],
    ['% errors', 30, 6.25, '6.3 %', 'errors over 30 s'],
    ['accounts', 0, 12, '12', 'accounts'],
    ['bytes', 60, Number.NaN, '–', 'a minute'],
  ])('%s in %d s', (unit, seconds, value, text, per) => {
    const scale = scaleOf(unit, seconds);
    expect([scale.text(value), scale.per]).toEqual([text, per]);
  });
  it('milliseconds', () => expect([milliseconds(12.4), milliseconds(2_440)]).toEqual(['12 ms', '2.4 s']));
});
