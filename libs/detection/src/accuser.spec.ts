import type { AlertKind, VerdictReport } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { Accuser } from './accuser.js';
import { Episodes, episodeKey } from './episodes.js';
import type { Excess } from './excess.js';
import type { Tuning } from './rules.js';
import { Tolerances } from './tolerances.js';

const excess = (fields: Partial<Excess> = {}): Excess => ({
  kind: 'probing',
  subject: { type: 'address', id: '192.0.2.1' },
  endpoint: null,
  where: '',
  observed: 30,
  expected: 10,
  limit: 20,
  unit: 'paths',
  windowSeconds: 60,
  score: 0.7,
  evidence: { own: 0, population: 0, weight: 0 },
  verified: true,
  rate: null,
  requests: 1,
  words: (limit) => ({ explanation: `at ${limit} or fewer`, signals: [], points: [] }),
  ...fields,
});
const tuning = (fields: Partial<Tuning> = {}): Tuning => ({ baseLimit: 100, sensitivity: 1.5, kinds: {}, ...fields });
const occasion = (ts = 1_790_000_000_000, past = false) => ({ service: 'shop', ts, logId: `log-${ts}`, past });

function stage() {
  const episodes = new Episodes();
  const tolerances = new Tolerances();
  return { episodes, tolerances, accuser: new Accuser(episodes, tolerances) };
}

describe('an excess', () => {
  it('is nothing where its kind is off, and leads to no decision where it is only monitored', () => {
    const { accuser } = stage();
    expect(accuser.judge(excess(), occasion(), tuning({ kinds: { probing: 'off' } }))).toBeUndefined();
    const actionable = (kinds: Tuning['kinds']) => accuser.judge(excess(), occasion(), tuning({ kinds }))?.finding?.actionable;
    expect([actionable({}), actionable({ probing: 'on', rate: 'off' }), actionable({ probing: 'monitor' })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each<[AlertKind, observed: number, windowSeconds: number, actionable: boolean]>([
    ['rate', 30, 3600, false],
    ['rate', 30, 60, true],
    ['drift', 99, 3600, false],
    ['drift', 100, 3600, true],
    ['enumeration', 30, 3600, true],
  ])('of %s, %d in %d s, is held to the base limit: %s', (kind, observed, windowSeconds, actionable) => {
    const { accuser } = stage();
    expect(accuser.judge(excess({ kind, observed, windowSeconds }), occasion(), tuning())?.finding).toMatchObject({ actionable });
  });

  it('is measured against the limit with all tolerance in it, and says so', () => {
    const { accuser, tolerances } = stage();
    const key = episodeKey('probing', 'shop', false, 'address', '192.0.2.1', '');
    const verdict: VerdictReport = {
      alertId: 'al_1',
      service: 'shop',
      kind: 'probing',
      subject: excess().subject,
      endpoint: null,
      verdict: 'false-positive',
      openedAt: 0,
      judgedAt: 0,
      historical: false,
    };
    tolerances.heed(key, verdict);
    expect(accuser.judge(excess({ observed: 25 }), occasion(), tuning())).toBeUndefined();
    expect(accuser.judge(excess({ observed: 26 }), occasion(), tuning())?.finding).toMatchObject({
      limit: 25,
      explanation: 'at 25 or fewer',
    });
    tolerances.stretch('shop', 2);
    expect(accuser.judge(excess({ observed: 40 }), occasion(), tuning())).toBeUndefined();
    const other = excess({ subject: { type: 'address', id: '192.0.2.2' }, observed: 31 });
    expect(accuser.judge(other, occasion(), tuning())?.finding).toMatchObject({ limit: 30 });
  });

  it('opens once, is said again each few seconds, and keeps its first log and worst severity', () => {
    const { accuser } = stage();
    const start = 1_790_000_000_000;
    const said = [0, 1_000, 5_000, 6_000].map((after, n) => {
      const charge = accuser.judge(excess({ observed: n === 2 ? 2_000 : 30 }), occasion(start + after), tuning());
      if (charge) accuser.note(charge);
      return charge?.finding && [charge.finding.phase, charge.finding.severity, charge.finding.logId, charge.finding.count];
    });
    expect(said).toEqual([
      ['opened', 'medium', `log-${start}`, 1],
      undefined,
      ['updated', 'critical', `log-${start}`, 3],
      undefined,
    ]);
  });

  it('remembers how far it went at its worst, said or not, to its end', () => {
    const { accuser, episodes } = stage();
    const start = 1_790_000_000_000;
    const reaches = [30, 60, 40].map((observed, n) => {
      const charge = accuser.judge(excess({ observed }), occasion(start + n), tuning({ kinds: {} }));
      if (charge) accuser.note(charge);
      return charge?.finding?.reach;
    });
    expect(reaches).toEqual([2, undefined, undefined]);
    expect(episodes.settle(start + 3_600_000)).toMatchObject([{ phase: 'ended', reach: 5 }]);
  });

  it('of live logs and of late ones are two', () => {
    const { accuser } = stage();
    for (const past of [false, true]) {
      const charge = accuser.judge(excess(), occasion(1_790_000_000_000, past), tuning());
      expect(charge?.finding).toMatchObject({ phase: 'opened', historical: past });
      if (charge) accuser.note(charge);
    }
    expect([accuser.isOpen('probing', { service: 'shop', past: false }, 'address', '192.0.2.1')]).toEqual([true]);
  });
});
