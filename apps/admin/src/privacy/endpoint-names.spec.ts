/** Ids in the names of endpoints: whom they name, when a pseudonym becomes one there, and when one would be left bare. */
import { settingsSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { namedInEndpoints, standingIn, uncovered } from './endpoint-names.js';
import { resolvedBody } from './names.js';

const NAME = 'anon_0123456789abcdef';
const actors = new Map([[NAME, 'u1']]);
const allow = (...ids: string[]) => ({ allow: { actors: ids, addresses: [], credentials: [] } });
const settings = (...ids: string[]) =>
  settingsSchema.parse({ ...allow(...ids), flows: [{ name: 'f', steps: ['GET /users/u1', 'GET /users/:id/x'] }] });

describe('the names of endpoints', () => {
  it('name those that the settings list, as words', () => {
    expect(namedInEndpoints(settings('u1', 'u', 'users-2'))).toEqual(['u1']);
    expect(namedInEndpoints(settings())).toEqual([]);
  });

  it('name somebody who is not hidden any more, where the actor leaves and the name stays', () => {
    expect(uncovered(settings('u1'), settings())).toEqual(['u1']);
    expect(uncovered(settings('u1'), settings('u1', 'u2'))).toEqual([]);
    expect(uncovered(settings('u1'), { ...settings(), flows: [] })).toEqual([]);
  });
});

describe('a pseudonym in the name of an endpoint', () => {
  const resolve = (body: unknown, ...listed: string[]) => {
    const left: string[] = [];
    const resolved = resolvedBody(body, actors, { ...standingIn(settings(...listed)), left: (name) => left.push(name) });
    return { resolved, left };
  };
  const endpoints = (endpoint: string) => ({ settings: { endpoints: [{ endpoint }] } });

  it('becomes the id where that very name stands there, and the actor too, sent or not', () => {
    const sent = endpoints(`GET /users/${NAME}`);
    expect(resolve(sent, 'u1')).toEqual({ resolved: endpoints('GET /users/u1'), left: [] });
    const both = { settings: { ...sent.settings, ...allow(NAME) } };
    expect(resolve(both)).toEqual({
      resolved: { settings: { ...endpoints('GET /users/u1').settings, ...allow('u1') } },
      left: [],
    });
  });

  it('becomes none in a name that is new, whoever is listed beside it', () => {
    const name = `GET /carts/${NAME}`;
    const sent = { settings: { ...endpoints(name).settings, ...allow(NAME) } };
    const kept = { settings: { ...endpoints(name).settings, ...allow('u1') } };
    expect(resolve(sent, 'u1')).toEqual({ resolved: kept, left: [name] });
    expect(resolve(endpoints(name))).toEqual({ resolved: endpoints(name), left: [name] });
  });

  it('of nobody is a text like any other', () => {
    const other = 'GET /users/anon_zzzzzzzzzzzzzzzz';
    expect(resolve(endpoints(other), 'u1')).toEqual({ resolved: endpoints(other), left: [] });
  });
});
