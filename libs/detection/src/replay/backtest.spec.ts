import { type RequestLog, type Settings, settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { makeLog, NOW } from '../../../../test/setup/findings.js';
import { Templates } from '../entities/templates.js';
import type { Finding } from '../finding.js';
import { Model } from '../model.js';
import { AlertBook, alertKey } from './alert-book.js';
import { Backtest, type BacktestPlan, type LiveRun } from './backtest.js';
import { DecisionBook } from './decision-book.js';
import { Pace } from './pace.js';
import { Replay, type Shards } from './replay.js';

const start = NOW - (NOW % 3_600_000);
const from = start + 1_700_000;
const to = start + 3_600_000;
const SETTINGS = settingsSchema.parse({});

/** Fifty minutes of ten calm users; then one of them asks 40 times a second for ten seconds, and a scanner looks for files. */
const logs: RequestLog[] = [];
const add = (seconds: number, fields: Partial<RequestLog>) =>
  logs.push(makeLog({ id: `log-${logs.length}`, ts: start + Math.round(seconds * 1000), path: '/products', ...fields }));
for (let second = 0; second < 3000; second += 6) {
  const user = (second / 6) % 10;
  add(second, { actor: `user-${user}`, ip: `203.0.113.${user}`, authenticated: true });
}
for (let n = 0; n < 400; n += 1) add(1800 + n / 40, { actor: 'user-3', ip: '203.0.113.3', authenticated: true });
for (let n = 0; n < 60; n += 1) add(2000 + n / 4, { path: `/old-${n}/setup.php`, status: 404, ip: '198.51.100.9' });
logs.sort((a, b) => a.ts - b.ts);
const templates = new Templates();
const endpointOf = ({ method, path, status }: RequestLog) => templates.endpointOf('shop', method, undefined, path, status);

const sharded = (count: number): Shards => ({
  count,
  ofLog: (_, log) => (log.actor ?? log.ip).length % count,
  ofContribution: (contribution) => contribution.id.length % count,
  ofVerdict: () => Array.from({ length: count }, (_, shard) => shard),
});

/** What the product would have in its records after these logs. */
function liveRun(settings = SETTINGS): LiveRun {
  const book = new AlertBook();
  const decisions = new DecisionBook({ service: 'shop', policy: 'block', settings, held: (subject) => subject });
  const replay = new Replay(settings, (finding: Finding) => {
    if (book.take(finding)) decisions.rule(finding, []);
  });
  replay.takeAll('shop', logs, logs.map(endpointOf));
  replay.finish();
  return {
    alerts: book.alerts.map(({ openedAt, ...alert }, index) => ({
      ...alert,
      id: `al_${index}`,
      firstAt: openedAt,
      verdict: null,
    })),
    decisions: decisions.decisions.map(({ action, finding, liftedAt, until, ...rest }) => ({
      ...rest,
      action: action as 'block',
      until: liftedAt ?? until,
      alertAt: book.alerts.find((alert) => alertKey(alert) === alertKey(finding))?.openedAt ?? null,
      kind: finding.kind,
      verdict: null,
    })),
    verdicts: [],
    cut: 0,
  };
}

const NOTHING: LiveRun = { alerts: [], decisions: [], verdicts: [], cut: 0 };

function backtest(
  changed: Partial<Settings>,
  {
    live = liveRun(),
    shards = 1,
    policy = 'block' as const,
    batch = 97,
    plan: more = {} as Partial<BacktestPlan>,
    restored = [] as [string, Uint8Array][],
  } = {},
) {
  const settings = settingsSchema.parse(changed);
  const plan = {
    service: 'shop',
    policy,
    settings,
    held: (subject: never) => subject,
    from,
    to,
    mostNamed: 500,
    shards: sharded(shards),
    ...more,
  };
  const test = new Backtest(plan as never, live);
  test.restore(0, restored);
  for (let at = 0; at < logs.length; at += batch) {
    const some = logs.slice(at, at + batch);
    test.take(some, some.map(endpointOf));
  }
  return test.finish();
}
const brief = ({ items }: { items: { kind: unknown; subject: { id: string } }[] }) =>
  items.map((each) => [each.kind, each.subject.id]);

describe('a backtest', () => {
  it.each([1, 4])('with the settings of the live run finds what that found, with %i shards', (shards) => {
    const { alerts, decisions, kinds, refused, requests } = backtest({}, { shards });
    expect({ come: alerts.come, go: alerts.go, change: alerts.change }).toEqual({
      come: { items: [], total: 0 },
      go: { items: [], total: 0 },
      change: { items: [], total: 0 },
    });
    expect(kinds.map(({ kind, live, backtest: tested }) => [kind, live, tested])).toEqual([
      ['probing', 1, 1],
      ['rate', 1, 1],
    ]);
    expect([alerts.stay, decisions.come.total, decisions.go.total]).toEqual([2, 0, 0]);
    expect(decisions.stay).toBeGreaterThanOrEqual(2);
    expect(requests).toBe(logs.filter(({ ts }) => ts >= from).length);
    expect(refused.live).toBe(0);
    expect(refused.backtest).toBeGreaterThan(300);
  });

  it('says by name and verdict what would go, and what would come', () => {
    const live = liveRun();
    const judged = live.alerts.map((alert) => ({ ...alert, verdict: 'false-positive' as const }));
    const gone = backtest({ kinds: { probing: 'off' } }, { live: { ...live, alerts: judged } });
    expect(brief(gone.alerts.go)).toEqual([['probing', '198.51.100.9']]);
    expect(gone.alerts.go.items[0]).toMatchObject({ verdict: 'false-positive', alertId: judged[1]?.id });
    expect(gone.alerts.stay).toBe(1);
    const come = backtest({}, { live: liveRun(settingsSchema.parse({ kinds: { rate: 'off' } })) });
    expect(brief(come.alerts.come)).toEqual([['rate', 'user-3']]);
    expect(come.decisions.come.items.map(({ action, subject }) => [action, subject.id])).toContainEqual(['block', 'user-3']);
    expect(come.kinds).toContainEqual({ kind: 'rate', live: 0, backtest: 1, come: 1, go: 0 });
  });

  it('knows the decisions of a worker that heard of the requests late, where their alert tells when it was', () => {
    const live = liveRun();
    const late = 1_500_000;
    const told = live.decisions.map((each) => ({ ...each, createdAt: each.createdAt + late, until: each.until + late }));
    const counts = ({ decisions }: ReturnType<typeof backtest>) => [decisions.stay, decisions.come.total, decisions.go.total];
    expect(counts(backtest({}, { live: { ...live, decisions: told } }))).toEqual([told.length, 0, 0]);
    const untold = told.map((each) => ({ ...each, alertAt: null }));
    expect(counts(backtest({}, { live: { ...live, decisions: untold } }))).toEqual([0, told.length, told.length]);
  });

  it('counts an old alert by whether it lasted into its time, on either side', () => {
    const live = liveRun();
    const old = { firstAt: from - 20 * 86_400_000, endedAt: null };
    const counts = (changed: Partial<Settings>, fields: Partial<LiveRun['alerts'][number]>, begin = from) => {
      const alerts = live.alerts.map((alert) => ({ ...alert, ...old, ...fields }));
      const { alerts: found } = backtest(changed, { live: { ...live, alerts }, plan: { from: begin } });
      return [found.come.total, found.go.total, found.stay];
    };
    const off = { kinds: { rate: 'off', probing: 'off' } } as const;
    expect([counts(off, { lastAt: from }), counts(off, { lastAt: from - 1 })]).toEqual([
      [0, 2, 0],
      [0, 0, 0],
    ]);
    expect([counts({}, { lastAt: to - 1 }, start + 1_805_000), counts(off, { firstAt: to, lastAt: to })]).toEqual([
      [0, 0, 2],
      [0, 0, 0],
    ]);
  });

  it('says what came and went of a backtest whose own alert began in the warm-up', () => {
    const come = (begin: number) => brief(backtest({}, { live: NOTHING, plan: { from: begin } }).alerts.come);
    expect([come(start + 1_805_000), come(start + 1_900_000)]).toEqual([
      [
        ['rate', 'user-3'],
        ['probing', '198.51.100.9'],
      ],
      [['probing', '198.51.100.9']],
    ]);
  });

  it('says how much was too much to be compared, of either side', () => {
    expect([backtest({}).cut, backtest({}, { live: { ...NOTHING, cut: 7 } }).cut]).toEqual([undefined, 7]);
    const { cut, alerts } = backtest({}, { live: NOTHING, plan: { mostKept: 1 } });
    expect([alerts.come.total, alerts.stay]).toEqual([1, 0]);
    expect(cut).toBe(2); // The scanner's alert, and the second decision about the other.
  });

  it('leaves out what was restored of other services, also of one with the same users', () => {
    const { come } = backtest({}, { live: NOTHING }).alerts;
    const bank = new Model();
    for (const log of logs.filter(({ ts }) => ts < start + 1_806_000)) {
      bank.learn(bank.assess('bank', log, endpointOf(log), SETTINGS));
    }
    const { puts } = bank.takeChanges();
    expect(backtest({}, { live: NOTHING, restored: puts }).alerts.come).toEqual(come);
  });

  it('refuses nobody under a policy that only watches', () => {
    const live = liveRun();
    const watched = backtest({}, { policy: 'monitor' as never });
    expect([watched.refused.backtest, watched.decisions.go.total]).toEqual([0, live.decisions.length]);
  });

  it('gives verdicts back at their time: what is closed opens anew, as another alert', () => {
    const live = liveRun();
    const [rate] = live.alerts;
    const again = [...logs];
    for (let n = 0; n < 900; n += 1)
      again.push(
        makeLog({ id: `more-${n}`, ts: start + 2_900_000 + n * 15, path: '/products', actor: 'user-3', ip: '203.0.113.3' }),
      );
    again.sort((a, b) => a.ts - b.ts);
    const verdict = {
      alertId: rate?.id ?? '',
      service: 'shop',
      kind: 'rate' as const,
      subject: { type: 'actor' as const, id: 'user-3' },
      endpoint: 'GET /products',
      verdict: 'true-positive' as const,
      openedAt: rate?.firstAt ?? 0,
      judgedAt: start + 2_500_000,
      historical: false,
    };
    const plan = { service: 'shop', policy: 'block' as const, settings: SETTINGS, from, to, mostNamed: 500, shards: sharded(1) };
    const run = (verdicts: (typeof verdict)[]) => {
      const test = new Backtest({ ...plan, held: (subject) => subject }, { ...NOTHING, verdicts });
      test.take(again, again.map(endpointOf));
      return test.finish().alerts.come.items.filter(({ subject }) => subject.id === 'user-3').length;
    };
    expect([run([]), run([verdict])]).toEqual([1, 2]);
  });
});

describe('the pace of a throttle', () => {
  it('admits a burst, then what its window gives', () => {
    const pace = new Pace({ requests: 60, windowSeconds: 60 });
    const admitted = (times: number[]) => times.filter((ts) => pace.admits(ts)).length;
    expect(admitted(Array.from({ length: 30 }, () => NOW))).toBe(6);
    expect(admitted(Array.from({ length: 100 }, (_, n) => NOW + 100 * (n + 1)))).toBe(10);
  });
});
