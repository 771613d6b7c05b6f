import { beforeEach, describe, expect, it } from 'vitest';
import { Bell, type BellSettings, keepBell, readBell, SILENT } from './bell.js';
import { alertOf } from './samples.fixture.js';

let settings: BellSettings;
let now: number;
let rung: string[];
let bell: Bell;
const fresh = (part: Parameters<typeof alertOf>[0] = {}) => alertOf({ severity: 'high', firstAt: now, lastAt: now, ...part });

beforeEach(() => {
  localStorage.clear();
  settings = { sound: true, desktop: true, from: 'high' };
  now = 1_000_000;
  rung = [];
  bell = new Bell({
    settings: () => settings,
    now: () => now,
    sound: () => rung.push('sound'),
    desktop: ({ id }) => rung.push(id),
  });
});

describe('the bell', () => {
  it('rings once for an alert, however often it changes', () => {
    bell.hear(fresh({ id: 'a' }));
    bell.hear(fresh({ id: 'a', count: 99 }));
    expect(rung).toEqual(['sound', 'a']);
  });
  it('rings once for a campaign, whether its own alert comes first or one of its members', () => {
    bell.hear(fresh({ id: 'lead' }));
    bell.hear(fresh({ id: 'b', campaign: 'lead' }));
    bell.hear(fresh({ id: 'c', campaign: 'other' }));
    bell.hear(fresh({ id: 'other' }));
    bell.hear(fresh({ id: 'd', campaign: 'other' }));
    expect(rung.filter((each) => each !== 'sound')).toEqual(['lead', 'c']);
  });
  it('sounds once in ten seconds, and notifies of each', () => {
    bell.hear(fresh({ id: 'a' }));
    bell.hear(fresh({ id: 'b' }));
    now += 10_000;
    bell.hear(fresh({ id: 'c' }));
    expect(rung).toEqual(['sound', 'a', 'b', 'sound', 'c']);
  });
  it.each([
    ['what is below the chosen severity', { severity: 'medium' } as const],
    ['what somebody has taken already', { state: 'acknowledged' } as const],
    ['an old file', { historical: true }],
    ['what had opened before the page', { firstAt: 0 }],
  ])('is silent for %s', (_, part) => {
    bell.hear(fresh(part));
    expect(rung).toEqual([]);
  });
  it('rings when an alert rises to the severity', () => {
    bell.hear(fresh({ id: 'a', severity: 'low' }));
    bell.hear(fresh({ id: 'a', severity: 'critical' }));
    expect(rung).toEqual(['sound', 'a']);
  });
  it('counts what is news by the time of the first event: the clock of the server is known by then', () => {
    now -= 3_600_000;
    bell.hear(fresh({ id: 'a' }));
    expect(rung).toEqual(['sound', 'a']);
  });
  it('does not ring afterwards for what it was silent about', () => {
    settings = { ...settings, sound: false, desktop: false };
    bell.hear(fresh({ id: 'a' }));
    settings = { ...settings, sound: true, desktop: true };
    bell.hear(fresh({ id: 'a', count: 2 }));
    expect(rung).toEqual([]);
  });
});

describe('the settings of this browser', () => {
  it('are silence until something is chosen, and whatever else is kept there', () => {
    expect(readBell()).toEqual(SILENT);
    for (const text of ['no json', '{"sound":"yes","from":"worst"}', 'null']) {
      localStorage.setItem('plimsoll-bell', text);
      expect(readBell()).toEqual(SILENT);
    }
  });
  it('are kept', () => {
    keepBell({ sound: true, desktop: false, from: 'critical' });
    expect(readBell()).toEqual({ sound: true, desktop: false, from: 'critical' });
  });
});
