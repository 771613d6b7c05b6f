import { PRESENCE_MS } from '@plimsoll/storage';
import { describe, expect, it } from 'vitest';
import { makeLog, NOW } from '../../../test/setup/findings.js';
import { Presence } from './presence.js';

const by = (actor: string | undefined, ip = '192.0.2.1', fields = {}) =>
  makeLog({ ip, ...(actor === undefined ? {} : { actor }), authenticated: actor !== undefined, ...fields });

describe('who is there', () => {
  it('is told once in a period: an account for which the host vouches, else the address with its /64', () => {
    const presence = new Presence();
    const claimed = by('ada', '198.51.100.1', { authenticated: false });
    const logs = [by('ada'), by('ada'), by(undefined, '2001:db8::1'), by(undefined, '2001:db8::2'), claimed];
    const sources = ['actor ada', 'address 2001:db8::/64', 'address 198.51.100.1'];
    expect(presence.news('shop', logs, NOW)).toEqual({ sources, behind: [] });
    expect(presence.news('shop', logs, NOW)).toEqual({ sources: [], behind: [] });
    expect(presence.news('bank', [by('ada')], NOW).sources).toEqual(['actor ada']);
    expect(presence.news('shop', logs, NOW + PRESENCE_MS).sources).toEqual(sources);
  });

  it('behind an address is told from the second account on, the first one with it', () => {
    const presence = new Presence();
    const behind = (...logs: ReturnType<typeof by>[]) => presence.news('shop', logs, NOW).behind;
    expect(behind(by('ada'), by('ada'))).toEqual([]);
    expect(behind(by('bob'))).toEqual([
      ['192.0.2.1', 'ada'],
      ['192.0.2.1', 'bob'],
    ]);
    expect(behind(by('ada'), by('bob'), by('eve'))).toEqual([['192.0.2.1', 'eve']]);
    expect(behind(by('ada', '192.0.2.2'))).toEqual([]);
  });

  it('is not who is only in an old file, or late', () => {
    const logs = [by('ada', '192.0.2.1', { timing: 'historical' }), by('bob', '192.0.2.1', { timing: 'late' })];
    expect(new Presence().news('shop', logs, NOW)).toEqual({ sources: [], behind: [] });
  });

  it('takes bounded memory: a full table is begun anew, and some are told again', () => {
    const presence = new Presence(10);
    const told = Array.from({ length: 100 }, (_, index) =>
      presence.news('shop', [by(`u${index % 20}`, `192.0.2.${index}`)], NOW),
    );
    expect(told.flatMap(({ sources }) => sources).length).toBeGreaterThan(20);
    expect(new Set(told.flatMap(({ sources }) => sources)).size).toBe(20);
  });
});
