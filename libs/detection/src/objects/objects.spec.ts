/** Enumeration, scraping and exfiltration through the whole model: a small service's ordinary days, and what is not ordinary. */
import { DEFAULT_SETTINGS, type RequestLog, type VerdictReport } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { contributionEntity, type Finding, Model, type Population } from '../index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
const INVOICE = '/invoices/:id';
const PRODUCT = '/products/:id';
const KINDS = ['enumeration', 'scraping', 'exfiltration'];

let made = 0;
function request(ts: number, actor: string | undefined, route: string, fields: Partial<RequestLog> = {}): RequestLog {
  made += 1;
  return {
    id: `o${made}`,
    ts: Math.round(ts),
    method: route === '/exports' ? 'POST' : 'GET',
    route,
    path: route,
    status: 200,
    durationMs: 5,
    bytesIn: 0,
    bytesOut: 2_000,
    ip: '192.0.2.9',
    userAgent: '',
    ...(actor === undefined ? {} : { actor }),
    authenticated: actor !== undefined,
    verdict: 'allow',
    timing: 'live',
    ...fields,
  };
}

/** Mulberry32 (T. Ettinger, public domain). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Forty people: each hour of the day some of their own invoices and of a thousand products, an export a day. */
function ordinary(days: number, seed = 1): RequestLog[] {
  const random = randomFrom(seed);
  const whole = (most: number) => Math.floor(random() * most);
  const logs: RequestLog[] = [];
  for (let person = 0; person < 40; person += 1) {
    for (let hour = 0; hour < days * 24; hour += 1) {
      if (hour % 24 < 8 || hour % 24 > 18 || random() < 0.5) continue;
      const at = () => START + hour * HOUR + random() * HOUR;
      for (let left = whole(4); left > 0; left -= 1)
        logs.push(request(at(), `person-${person}`, INVOICE, { path: `/invoices/${person * 40 + whole(40)}` }));
      for (let left = whole(5); left > 0; left -= 1)
        logs.push(request(at(), `person-${person}`, PRODUCT, { path: `/products/${whole(1000)}` }));
      if (random() < 0.2) logs.push(request(at(), `person-${person}`, '/exports', { bytesOut: 7e5 * (0.5 + random()) }));
    }
  }
  return logs;
}

const walk = (
  from: number,
  count: number,
  everyMs: number,
  actor: string | undefined,
  make: (index: number) => Partial<RequestLog>,
) => Array.from({ length: count }, (_, index) => request(from + index * everyMs, actor, INVOICE, make(index)));
const export50MB = (from: number, actor: string, count = 12) =>
  Array.from({ length: count }, (_, index) => request(from + index * 30_000, actor, '/exports', { bytesOut: 5e7 }));

interface Played {
  models: Model[];
  findings: Finding[];
}

/** All models of a moment. */
interface Stored {
  states: [string, Uint8Array][];
  populations: Population[];
}

const blank = () => new Model({ maxEntities: 20_000 });

function restored({ states, populations }: Stored): Played {
  const model = blank();
  model.restore(states);
  for (const population of populations) model.setPopulation(population);
  expect(model.unreadable).toBe(0);
  return { models: [model], findings: [] };
}

/** Plays logs over shards, exchanging every five minutes. */
function play(logs: readonly RequestLog[], played: Played, told: Map<string, Population> = new Map()): Played {
  const { models, findings } = played;
  const shardOf = (text: string) =>
    [...text].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, 7) % models.length;
  let turn = 0;
  for (const log of logs.toSorted((a, b) => a.ts - b.ts)) {
    if (Math.floor(log.ts / 300_000) !== turn) {
      turn = Math.floor(log.ts / 300_000);
      const left = models.flatMap((model) => model.takeContributions());
      for (const contribution of left)
        findings.push(...(models[shardOf(contributionEntity(contribution))]?.absorb(contribution, DEFAULT_SETTINGS) ?? []));
      for (const population of models.flatMap((model) => model.takePopulations())) {
        told.set(population.endpoint, population);
        for (const model of models) model.setPopulation(population);
      }
      for (const model of models) findings.push(...model.settle(log.ts));
    }
    const model = models[shardOf(log.actor ?? log.ip)] as Model;
    const assessment = model.assess('shop', log, `${log.method} ${log.route}`, DEFAULT_SETTINGS);
    model.learn(assessment);
    findings.push(...assessment.findings);
  }
  return played;
}

const opened = ({ findings }: Played) =>
  findings
    .filter(({ phase, kind }) => phase === 'opened' && KINDS.includes(kind))
    .map(({ kind, subject, ts }) => ({ what: `${kind} ${subject.id}`, ts }));
const said = (played: Played) => opened(played).map(({ what }) => what);

/** The third day, noon. */
const NOON = START + 2 * DAY + 12 * HOUR;
const LIFE = ordinary(2.5);
const told = new Map<string, Population>();
const lived = play(LIFE, { models: [blank()], findings: [] }, told);
const BASE: Stored = { states: lived.models[0]?.takeChanges().puts ?? [], populations: [...told.values()] };
/** What happens after two and a half ordinary days. */
const after = (...logs: readonly (readonly RequestLog[])[]) => play(logs.flat(), restored(BASE));

describe('enumeration', () => {
  it('ordinary life raises nothing', () => {
    expect(said(lived)).toEqual([]);
  });
  it('silently, by somebody known: within forty objects that are no neighbours', () => {
    const played = after(walk(NOON, 120, 4_000, 'person-3', (index) => ({ path: `/invoices/${90_000 + index * 37}` })));
    expect(said(played)).toEqual(['enumeration person-3']);
    const finding = played.findings.find(({ kind }) => kind === 'enumeration');
    expect((finding?.ts ?? 0) - NOON).toBeLessThan(40 * 4_000);
    expect(finding?.limit).toBeLessThan(finding?.observed ?? 0);
    expect(finding?.explanation).toMatch(
      /objects opened for the first time in ten minutes on GET \/invoices\/:id; .*at \d+ or fewer/,
    );
  });
  it('one id after the other: within twenty-five', () => {
    const played = after(walk(NOON, 60, 10_000, 'person-3', (index) => ({ path: `/invoices/${90_000 + index}` })));
    expect((opened(played)[0]?.ts ?? Number.NaN) - NOON).toBeLessThan(25 * 10_000);
  });
  it('a second apart within seventeen, but not a page of twenty that is fetched at once, or read', () => {
    const neighbours = (count: number, everyMs: number) =>
      walk(NOON, count, everyMs, 'person-3', (index) => ({ path: `/invoices/${90_000 + index}` }));
    expect((opened(after(neighbours(60, 1_000)))[0]?.ts ?? Number.NaN) - NOON).toBeLessThan(17_000);
    for (const everyMs of [300, 4_000]) expect(said(after(neighbours(20, everyMs)))).toEqual([]);
  });
  it('by who is new, a second apart, within twenty-five, but not a page of fifty that is fetched at once, or forty read', () => {
    const neighbours = (count: number, everyMs: number) =>
      walk(NOON, count, everyMs, 'stranger', (index) => ({ path: `/invoices/${90_000 + index}` }));
    expect((opened(after(neighbours(60, 1_000)))[0]?.ts ?? Number.NaN) - NOON).toBeLessThan(25_000);
    expect(said(after(neighbours(50, 150)))).toEqual([]);
    expect(said(after(neighbours(40, 4_000)))).toEqual([]);
  });
  it('refused neighbours within six, for both are surprises; three are not enough', () => {
    const refused = (count: number) =>
      walk(NOON, count, 4_000, 'person-3', (index) => ({ path: `/invoices/${90_000 + index}`, status: 403 }));
    expect((opened(after(refused(20)))[0]?.ts ?? Number.NaN) - NOON).toBeLessThan(6 * 4_000);
    expect(said(after(refused(3)))).toEqual([]);
  });
  it('refused neighbours within eight, but not a page of eight at once', () => {
    const refused = (count: number, everyMs: number) =>
      walk(NOON, count, everyMs, 'person-3', (index) => ({ path: `/invoices/${90_000 + index}`, status: 403 }));
    expect((opened(after(refused(20, 4_000)))[0]?.ts ?? Number.NaN) - NOON).toBeLessThan(8 * 4_000);
    expect(said(after(refused(8, 200)))).toEqual([]);
  });
  it.each([
    ['stranger', 1_000],
    [undefined, 1_000],
    ['person-4', 150_000],
  ] as const)('refused: %s, every %d ms, within twenty', (actor, everyMs) => {
    const make = (index: number) => ({ path: `/invoices/x${index * 7}`, status: index % 5 ? 403 : 200 });
    const [first] = opened(after(walk(NOON, 60, everyMs, actor, make)));
    expect(first?.what).toBe(`enumeration ${actor ?? '192.0.2.9'}`);
    expect((first?.ts ?? 0) - NOON).toBeLessThan(20 * everyMs);
  });
  it('raises nothing while the service is new, for dead links among live ones, or for a page fetched whole', () => {
    const early = walk(START + 15 * HOUR, 300, 1_000, 'person-3', (index) => ({ path: `/invoices/x${index * 37}` }));
    expect(said(play([...ordinary(0.8), ...early], { models: [blank()], findings: [] }))).toEqual([]);
    const link = (index: number) => ({ path: `/invoices/${200 + (index % 30)}`, status: index % 12 ? 200 : 404 });
    const page = walk(NOON, 100, 200, 'new-tool', (index) => ({ path: `/invoices/t${index * 3}` }));
    expect(said(after(walk(NOON, 100, 10_000, 'person-5', link), page))).toEqual([]);
  });
  it('the same again is no news after an hour, unless it was confirmed', () => {
    const again = (day: number) =>
      walk(NOON + day * DAY, 120, 2_000, 'person-3', (index) => ({ path: `/invoices/d${day}-${index * 9}` }));
    const later = request(NOON + 3 * HOUR, 'person-1', '/me');
    const judged = (verdict: VerdictReport['verdict'] | undefined) => {
      const played = after(again(0), [later]);
      const alert = { alertId: 'a', service: 'shop', kind: 'enumeration', endpoint: `GET ${INVOICE}` } as const;
      const when = { openedAt: NOON, judgedAt: NOON + HOUR, historical: false };
      const subject = { type: 'actor', id: 'person-3' } as const;
      if (verdict) played.models[0]?.heed({ ...alert, ...when, subject, verdict });
      return said(play(again(1), played)).length;
    };
    expect(judged(undefined)).toBe(1);
    expect(judged('expected-change')).toBe(1);
    expect(judged('true-positive')).toBe(2);
  });
});

describe('scraping', () => {
  const scrape = (actor: string | undefined, path: (index: number) => string) =>
    Array.from({ length: 360 }, (_, index) => request(NOON + index * 90_000, actor, PRODUCT, { path: path(index) }));
  it.each(['person-3', undefined])('a walk over the catalogue at a page in ninety seconds: %s', (actor) => {
    expect(said(after(scrape(actor, (index) => `/products/s${index * 11}`)))).toEqual([`scraping ${actor ?? '192.0.2.9'}`]);
  });
  it('is not who comes back to the objects that it works with, nor the whole of a small catalogue', () => {
    const random = randomFrom(7);
    expect(said(after(scrape('stock-keeper', () => `/products/w${Math.floor(350 * random() ** 2)}`)))).toEqual([]);
    expect(said(after(scrape('kiosk', (index) => `/products/k${index % 60}`)))).toEqual([]);
  });
});

describe('exfiltration', () => {
  it.each(['person-3', 'stranger'])('from the third answer of seventy times the usual size on: %s', (actor) => {
    const [first, ...others] = opened(after(export50MB(NOON, actor)));
    expect(first).toEqual({ what: `exfiltration ${actor}`, ts: NOON + 2 * 30_000 });
    expect(others).toEqual([]);
  });
  it('raises nothing for two large reports, for many of the usual size, or where sizes are not reported', () => {
    const many = Array.from({ length: 12 }, (_, index) =>
      request(NOON + index * 120_000, 'person-6', '/exports', { bytesOut: 9e5 }),
    );
    expect(said(after(export50MB(NOON, 'person-3', 2), many))).toEqual([]);
    const bare = [...LIFE, ...export50MB(NOON, 'person-3')].map((log) => ({ ...log, bytesOut: 0 }));
    expect(said(play(bare, { models: [blank()], findings: [] }))).toEqual([]);
  });
});

describe('state', () => {
  const attacks = [
    ...walk(NOON, 120, 4_000, 'person-3', (index) => ({ path: `/invoices/${90_000 + index * 37}` })),
    ...walk(NOON + HOUR, 60, 1_000, 'stranger', (index) => ({ path: `/invoices/x${index * 9}`, status: 403 })),
    ...export50MB(NOON + 2 * HOUR, 'person-9'),
  ];
  const once = opened(after(attacks));
  it('finds the same with sixteen shards', () => {
    expect(once.map(({ what }) => what)).toEqual(['enumeration person-3', 'enumeration stranger', 'exfiltration person-9']);
    const models = Array.from({ length: 16 }, blank);
    const many = opened(play([...LIFE, ...attacks], { models, findings: [] }));
    expect(many.map(({ what }) => what)).toEqual(once.map(({ what }) => what));
    many.forEach(({ ts }, index) => {
      expect(Math.abs(ts - (once[index]?.ts ?? 0))).toBeLessThanOrEqual(5_000);
    });
  });
  it('finds the same when stored and restored in the midst of it', () => {
    for (const restart of [NOON + 30_000, NOON + HOUR + 5_000, NOON + 2 * HOUR + 45_000]) {
      const begun = after(attacks.filter(({ ts }) => ts < restart));
      const states = new Map([...BASE.states, ...(begun.models[0]?.takeChanges().puts ?? [])]);
      const { models } = restored({ states: [...states], populations: BASE.populations });
      const rest = attacks.filter(({ ts }) => ts >= restart);
      expect(opened(play(rest, { models, findings: begun.findings }))).toEqual(once);
    }
  });
  it('reads no state of another version', () => {
    const version = new TextEncoder().encode('\u0001{"v":9,"s":1,"w":[]}');
    const [key] = BASE.states.find(([each]) => each.startsWith('o')) ?? [''];
    const pairs = BASE.states.filter(([each]) => each.startsWith('r'));
    const model = blank();
    model.restore([...pairs, [key, version]]);
    expect(model.unreadable).toBe(1);
  });
});
