/** Which changes of a service blind it by themselves, so that they are a matter for two. */
import { describe, expect, it } from 'vitest';
import { adminApi } from './admin-api.js';
import { alertKinds } from './names.js';
import { DEFAULT_LADDER } from './settings-defaults.js';

const dangerOf = (settings: object): unknown => {
  const { body, danger } = adminApi.updateService;
  return danger(body.parse({ settings }));
};
const [watch, block] = [
  { action: 'monitor', seconds: 60 },
  { action: 'block', seconds: 600 },
];
const watched = Object.fromEntries(alertKinds.map((kind) => [kind, 'monitor']));
const allow = (...addresses: string[]) => ({ allow: { actors: [], addresses, credentials: [] } });

describe('a change of a service', () => {
  it.each<[string, object]>([
    ['every kind only watched', { kinds: watched }],
    ['one kind only watched', { kinds: { rate: 'monitor' } }],
    ['one kind off', { kinds: { rate: 'off' } }],
    ['a group only watched', { groups: [{ name: 'all', actors: ['user-*'], kinds: watched }] }],
    ['an endpoint not watched', { endpoints: [{ endpoint: 'GET /products', kinds: { rate: 'off' } }] }],
    ['an endpoint only watched', { endpoints: [{ endpoint: 'GET /products', kinds: { rate: 'monitor' } }] }],
    [
      'a ladder of watching, kind by kind',
      { ladder: [...alertKinds.map((kind) => ({ kind, steps: [watch] })), { steps: [block] }] },
    ],
    [
      'a ladder that watches one kind alone',
      { ladder: [{ kind: 'rate', severity: 'high', steps: [watch] }, { steps: [block] }] },
    ],
    ['a ladder of one kind', { ladder: [{ kind: 'rate', steps: [block] }] }],
    ['all addresses', allow('0.0.0.0/0', '::/0')],
    ['all of one family', allow('::/0')],
    ['all of IPv4, mapped', allow('::ffff:0.0.0.0/96')],
    ['everybody whose id begins alike', { allow: { actors: ['ada', 'user-*'], addresses: [], credentials: [] } }],
    ['wide ranges that are wider together', allow('10.0.0.0/8', '11.0.0.0/8')],
  ])('is for two: %s', (_, settings) => {
    expect(dangerOf(settings)).toBe('two-persons');
  });

  it.each<[string, object]>([
    ['every kind on', { kinds: { rate: 'on' }, groups: [{ name: 'all', actors: ['user-*'], kinds: { rate: 'on' } }] }],
    ['the ladder of the default', { ladder: DEFAULT_LADDER }],
    ['a rule for each kind, each of which acts', { ladder: alertKinds.map((kind) => ({ kind, steps: [watch, block] })) }],
    ['somebody by name', { allow: { actors: ['ada', 'u*a'], addresses: [], credentials: [] } }],
    ['an endpoint only watched by the ladder', { ladder: [{ endpoint: 'GET /a', steps: [watch] }, { steps: [block] }] }],
    [
      'private networks',
      allow('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '192.0.2.1', '2001:db8::/32', 'fd00::/16', '::1'),
    ],
  ])('is for one: %s', (_, settings) => {
    expect(dangerOf(settings)).toBe('step-up');
  });
});
