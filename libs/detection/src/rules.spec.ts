import { type RequestLog, type Settings, type SettingsPatch, settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { Model } from './model.js';
import { rulesOf } from './rules.js';

const settingsOf = (patch: SettingsPatch): Settings => settingsSchema.parse(patch);
const compiled = (patch: SettingsPatch) => rulesOf(settingsOf(patch));
const by = (actor: string, fields: Partial<RequestLog> = {}) => makeLog({ actor, authenticated: true, ...fields });

describe('tuning', () => {
  const rules = compiled({
    sensitivity: 2,
    kinds: { rate: 'monitor', drift: 'off' },
    groups: [
      { name: 'staff', actors: ['ada', 'staff-*'], addresses: [], sensitivity: 3, kinds: { rate: 'off' } },
      { name: 'office', actors: ['staff-7'], addresses: ['10.0.0.0/8'], sensitivity: 4, baseLimit: 7 },
    ],
    endpoints: [{ endpoint: 'GET /items/{id}', sensitivity: 5, kinds: { drift: 'on' }, sensitive: true }],
  });

  it('is the endpoint’s before the group’s before the service’s, value by value', () => {
    const own = { baseLimit: 100, sensitivity: 2, kinds: { rate: 'monitor', drift: 'off' } };
    expect(rules.at(by('eve'), 'GET /other')).toEqual(own);
    expect(rules.at(by('ada'), 'GET /other')).toEqual({ ...own, sensitivity: 3, kinds: { rate: 'off', drift: 'off' } });
    expect(rules.at(by('ada'), 'GET /items/:id')).toEqual({ ...own, sensitivity: 5, kinds: { rate: 'off', drift: 'on' } });
    expect(rules.at(by('eve'), 'GET /items/:id')).toEqual({ ...own, sensitivity: 5, kinds: { rate: 'monitor', drift: 'on' } });
    expect([rules.on('GET /items/:id').sensitivity, rules.on('GET /x').sensitivity, rules.on(null).sensitivity]).toEqual([
      5, 2, 2,
    ]);
    expect([rules.sensitive('GET /items/:id'), rules.sensitive('GET /other')]).toEqual([true, undefined]);
  });

  it('is that of the first group with the actor or the address; a claimed actor is in none', () => {
    const at = (log: RequestLog) => rules.at(log, 'GET /other').sensitivity;
    expect(at(by('staff-7', { ip: '10.1.1.1' }))).toBe(3);
    expect(at(by('eve', { ip: '10.1.1.1' }))).toBe(4);
    expect(at(by('staff', { ip: '192.0.2.1' }))).toBe(2);
    expect(at(by('ada', { authenticated: false }))).toBe(2);
  });

  it('of a contribution is that of its subject', () => {
    expect(rules.about({ type: 'address', id: '::ffff:10.0.0.1' }, null)).toMatchObject({ sensitivity: 4, baseLimit: 7 });
    expect(rules.about({ type: 'actor', id: 'staff-9' }, 'GET /items/:id').sensitivity).toBe(5);
    expect(rules.about({ type: 'endpoint', id: 'ada' }, null).sensitivity).toBe(2);
  });

  it('is one object where nothing is told apart', () => {
    const plain = compiled({});
    expect(plain.at(by('ada'), 'GET /a')).toBe(plain.own);
    expect(rules.at(by('ada'), 'GET /items/:id')).toBe(rules.at(by('staff-1'), 'GET /items/:id'));
  });

  it('names the steps of flows as logs name endpoints', () => {
    const { flows } = compiled({ flows: [{ name: 'buy', steps: ['POST /cart/', 'POST /orders/<int:id>/pay', 'GET /*'] }] });
    expect(flows).toEqual([{ name: 'buy', steps: ['POST /cart', 'POST /orders/:id/pay', 'GET /*'] }]);
  });

  it('stays right for more actors than it remembers', () => {
    for (let n = 0; n < 50_000; n += 1) expect(rules.at(by(`user-${n}`), 'GET /x').sensitivity).toBe(2);
    expect(rules.at(by('ada'), 'GET /x').sensitivity).toBe(3);
  });
});

describe('the allow-list', () => {
  const settings = settingsOf({ allow: { actors: ['bot-*', 'ada'], addresses: ['10.0.0.0/8'], credentials: ['key-1'] } });
  const rules = rulesOf(settings);

  it('holds for authenticated actors, addresses and credentials', () => {
    const allowed = [by('ada'), by('bot-1'), by('eve', { ip: '10.0.0.1' }), by('eve', { credential: 'key-1' })];
    expect(allowed.map((log) => rules.allows(log))).toEqual([true, true, true, true]);
    const others = [
      by('bo'),
      by('ada', { authenticated: false }),
      by('ada2'),
      by('eve', { credential: 'key-2', ip: '::10.0.0.1' }),
    ];
    expect(others.map((log) => rules.allows(log))).toEqual([false, false, false, false]);
    expect([rules.allowsAddress('10.9.9.9'), rules.allowsAddress('11.9.9.9')]).toEqual([true, false]);
    expect(compiled({}).allows(by('ada'))).toBe(false);
  });

  const flood = (from: number, fields: Partial<RequestLog>) =>
    Array.from({ length: 200 }, (_, n) => makeLog({ id: `${from}-${n}`, ts: from + n, ...fields }));

  it('keeps its own out of accusation and of what is learnt, in both stages', () => {
    const model = new Model();
    const played = (logs: RequestLog[]) => {
      const found = logs.flatMap((log) => {
        const assessment = model.assess('shop', log, 'POST /login', settings);
        model.learn(assessment);
        return assessment.findings;
      });
      return [...found, ...model.takeContributions().flatMap((contribution) => model.absorb(contribution, settings))];
    };
    const start = 1_790_000_000_000;
    const failing = { method: 'POST', path: '/login', status: 401, authenticated: false };
    for (const fields of [{ actor: 'ada', authenticated: true }, { ...failing, ip: '10.0.0.1' }, { credential: 'key-1' }]) {
      expect(played(flood(start, fields))).toEqual([]);
    }
    expect(model.size).toBe(0);
    const kinds = played(flood(start, { ...failing, actor: 'eve', ip: '192.0.2.1' })).map(({ kind }) => kind);
    expect(kinds).toContain('auth-failures');
  });

  it('keeps a contribution out that another worker left before the list was changed', () => {
    const model = new Model();
    const failing = { status: 401, authenticated: false, ip: '10.0.0.1' };
    for (const log of flood(1_790_000_000_000, failing)) {
      model.learn(model.assess('shop', log, 'POST /login', settingsOf({})));
    }
    const contributions = model.takeContributions().filter(({ entity }) => entity === 'address');
    expect(contributions.length).toBeGreaterThan(0);
    const size = model.size;
    expect(contributions.flatMap((contribution) => model.absorb(contribution, settings))).toEqual([]);
    expect(model.size).toBe(size);
    expect(contributions.flatMap((contribution) => model.absorb(contribution, settingsOf({}))).length).toBeGreaterThan(0);
  });
});
