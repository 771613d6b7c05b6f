import { describe, expect, it } from 'vitest';
import { actorsIn, isPseudonym, renamed, resolvedBody, resolvedQuery } from './names.js';

const NAME = 'anon_0123456789abcdef';

describe('where ids stand', () => {
  it.each<[string, unknown, string[]]>([
    ['a subject', { subject: { type: 'actor', id: 'u1' } }, ['u1']],
    ['an address is none', { subject: { type: 'address', id: '192.0.2.1' } }, []],
    ['a log', { items: [{ log: { actor: 'u1', ip: '192.0.2.1' } }, { log: { actor: null } }] }, ['u1']],
    ['parties with their total', { actors: { items: ['u1', 'u2'], total: 9 } }, ['u1', 'u2']],
    ['settings', { settings: { allow: { actors: ['u1'] }, groups: [{ name: 'staff', actors: ['u2'] }] } }, ['u1', 'u2']],
    ['a class', { subjectType: 'actor', subjectId: 'u1' }, ['u1']],
    ['counts of actors are none', { harmed: { actors: 3 } }, []],
    ['below what was changed', { before: { subject: { type: 'actor', id: 'u1' } } }, ['u1']],
    ['contacts', { actors: [{ id: 'u1', requests: 3 }], addresses: [{ id: '192.0.2.1' }] }, ['u1']],
    ['nothing', null, []],
  ])('%s', (_, value, ids) => {
    expect([...actorsIn(value)]).toEqual(ids);
  });
});

describe('renaming', () => {
  it('changes the ids, and the texts in which they stand as words', () => {
    const alert = {
      id: 'al_u1',
      subject: { type: 'actor', id: 'u1' },
      explanation: 'u1 made 90 requests as u1-x; u1: more than u12.',
      endpoint: 'GET /users/u1',
      state: 'u1',
    };
    expect(renamed(alert, new Map([['u1', NAME]]))).toEqual({
      id: 'al_u1',
      subject: { type: 'actor', id: NAME },
      explanation: `${NAME} made 90 requests as u1-x; ${NAME}: more than u12.`,
      endpoint: `GET /users/${NAME}`,
      state: 'u1',
    });
  });

  it('takes longer ids first, and ids with every character of an expression', () => {
    const names = new Map([
      ['a.b', 'anon_short'],
      ['a.b.c', 'anon_long'],
      ['(x)*', 'anon_odd'],
    ]);
    const actors = [...names.keys()];
    expect(renamed({ actors, reason: 'a.b.c and a.b and (x)* and axb' }, names)).toEqual({
      actors: ['anon_short', 'anon_long', 'anon_odd'],
      reason: 'anon_long and anon_short and anon_odd and axb',
    });
  });

  it('finds those that were asked for in texts of others', () => {
    const alert = { subject: { type: 'actor', id: 'u2' }, explanation: 'u2 did as u1 did' };
    expect(renamed({ items: [alert] }, new Map([['u1', NAME]]), ['u1']).items[0]?.explanation).toBe(`u2 did as ${NAME} did`);
  });

  it('finds an id that is percent-encoded, in either case of hex; in the name of an endpoint what stands for it is encoded too', () => {
    const log = {
      actor: 'auth0|5',
      path: '/users/auth0%7C5/x',
      endpoint: 'GET /users/auth0%7c5',
      endpoints: ['GET /auth0%7C5/x'],
    };
    expect(renamed(log, new Map([['auth0|5', NAME]]))).toEqual({
      actor: NAME,
      path: `/users/${NAME}/x`,
      endpoint: `GET /users/${NAME.replace('_', '%5f')}`,
      endpoints: [`GET /${NAME.replace('_', '%5F')}/x`],
    });
  });

  it('goes through everything that was changed, whatever it is called', () => {
    const row = { detail: { subject: { type: 'actor', id: 'u1' }, list: ['by u1'] }, state: 'by u1' };
    expect(renamed(row, new Map([['u1', NAME]]))).toEqual({
      detail: { subject: { type: 'actor', id: NAME }, list: [`by ${NAME}`] },
      state: 'by u1',
    });
  });
});

describe('coming back', () => {
  const actors = new Map([[NAME, 'u1']]);

  it('takes ids in the places for them, and endpoints that are named beside one', () => {
    const body = {
      subject: { type: 'actor', id: NAME },
      endpoint: `GET /users/${NAME}/x`,
      settings: { allow: { actors: [NAME, 'u2'] }, flows: [{ name: NAME, steps: [`GET /users/${NAME}`] }] },
      reason: `GET /looked/at/${NAME}`,
    };
    expect(resolvedBody(body, actors)).toEqual({
      subject: { type: 'actor', id: 'u1' },
      endpoint: 'GET /users/u1/x',
      settings: { allow: { actors: ['u1', 'u2'] }, flows: [{ name: NAME, steps: ['GET /users/u1'] }] },
      reason: body.reason,
    });
  });

  it.each(['auth0|5', 'auth0%7C5', 'auth0%7c5'])('takes the name of an endpoint with %s as it was', (spelling) => {
    const names = new Map([['auth0|5', NAME]]);
    const asked = { actor: 'auth0|5', endpoint: `GET /users/${spelling}` };
    const shown = renamed(asked, names);
    expect([shown.actor, shown.endpoint.includes('auth0')]).toEqual([NAME, false]);
    const back = new Map([[NAME, 'auth0|5']]);
    expect(resolvedBody(shown, back)).toEqual(asked);
    expect(resolvedQuery(shown, back)).toEqual(asked);
    expect(resolvedBody(shown, new Map())).toEqual(shown);
  });

  it.each<[string, unknown]>([
    ['an address', { subject: { type: 'address', id: NAME } }],
    ['an endpoint alone', { subject: { type: 'address', id: '192.0.2.1' }, endpoint: `GET /users/${NAME}` }],
    ['what people write', { name: NAME, search: NAME, text: NAME, reason: NAME, note: NAME }],
  ])('%s stays', (_, body) => {
    expect(resolvedBody(body, actors)).toEqual(body);
  });

  it.each(['subject', 'text'])('by a pseudonym in %s one actor is meant, where that can be asked', (name) => {
    const query = { [name]: NAME, service: 'shop' };
    expect(resolvedQuery(query, actors, true)).toEqual({ subjectType: 'actor', subjectId: 'u1', service: 'shop' });
    expect(resolvedQuery({ [name]: 'u' }, actors, true)).toEqual({ [name]: 'u' });
  });

  it('takes ids in queries where one is asked for', () => {
    const query = {
      subject: NAME,
      subjectId: NAME,
      actor: NAME,
      text: NAME,
      endpoint: `GET /users/${NAME}`,
      path: NAME,
      service: NAME,
    };
    expect(resolvedQuery(query, actors)).toEqual({
      ...{ subject: 'u1', subjectId: 'u1', actor: 'u1', text: 'u1', endpoint: 'GET /users/u1' },
      ...{ path: NAME, service: NAME },
    });
  });

  it.each([`${NAME}x`, NAME.slice(0, -1), ` ${NAME}`, 'u1', 7, undefined])('%j is no pseudonym', (text) => {
    expect(isPseudonym(text)).toBe(false);
  });
});
