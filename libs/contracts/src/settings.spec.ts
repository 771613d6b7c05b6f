import { describe, expect, it } from 'vitest';
import { settingsPatchSchema, settingsSchema, storedSettings } from './settings.js';
import { DEFAULT_LADDER, DEFAULT_SETTINGS } from './settings-defaults.js';

const faults = (patch: unknown): [path: string, message: string][] =>
  settingsPatchSchema.safeParse(patch).error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [];

describe('settings', () => {
  it('fill what is absent, also in what was stored when there were two of them', () => {
    expect(settingsSchema.parse({ baseLimit: 7, sensitivity: 3 })).toEqual({
      ...DEFAULT_SETTINGS,
      baseLimit: 7,
      sensitivity: 3,
    });
    expect(settingsSchema.parse({})).toEqual(DEFAULT_SETTINGS);
    expect(DEFAULT_SETTINGS).toEqual({
      baseLimit: 100,
      sensitivity: 1.5,
      alertBudget: 100,
      kinds: {},
      allow: { actors: [], addresses: [], credentials: [] },
      groups: [],
      endpoints: [],
      flows: [],
      learnFlows: true,
      ladder: DEFAULT_LADDER,
      maxShare: 0.05,
    });
  });

  it.each<[patch: object, path: string, says: RegExp]>([
    [{ baselimit: 3 }, '', /baselimit/],
    [{ sensitivity: 0 }, 'sensitivity', /0\.1/],
    [{ alertBudget: 1.5 }, 'alertBudget', /int/],
    [{ kinds: { rates: 'on' } }, 'kinds', /rates/],
    [{ kinds: { drift: 'maybe' } }, 'kinds.drift', /monitor/],
    [{ allow: { actor: ['x'] } }, 'allow', /actor/],
    [{ allow: { actors: ['*'] } }, 'allow.actors', /everybody/],
    [{ allow: { addresses: ['10.0.0.1', '10.0.0.1/33'] } }, 'allow.addresses.1', /10\.0\.0\.0\/8/],
    [{ allow: { addresses: ['::ffff:10.0.0.0/8'] } }, 'allow.addresses.0', /\/96/],
    [{ groups: [{ name: 'staff' }] }, 'groups.0.actors', /nobody/],
    [
      {
        groups: [
          { name: 'a', actors: ['x'] },
          { name: 'a', actors: ['y'] },
        ],
      },
      'groups.1.name',
      /number 1/,
    ],
    [{ endpoints: [{ endpoint: 'get /a' }] }, 'endpoints.0.endpoint', /METHOD/],
    [{ endpoints: [{ endpoint: '* /a' }] }, 'endpoints.0.endpoint', /METHOD/],
    [{ endpoints: [{ endpoint: 'GET /a' }, { endpoint: 'GET /a' }] }, 'endpoints.1.endpoint', /number 1/],
    [{ flows: [{ name: 'f', steps: ['GET /a'] }] }, 'flows.0.steps', /2/],
    [{ flows: [{ name: 'f', steps: ['GET /a', 'GET /b', 'GET /a'] }] }, 'flows.0.steps.2', /number 1/],
    [{ maxShare: 5 }, 'maxShare', /1/],
    [{ ladder: [{ steps: [] }] }, 'ladder.0.steps', /1/],
    [{ ladder: [{ steps: [{ action: 'warn', seconds: 60 }] }] }, 'ladder.0.steps.0.action', /monitor/],
    [{ ladder: [{ steps: [{ action: 'block', seconds: 5 }] }] }, 'ladder.0.steps.0.seconds', /10/],
    [{ ladder: [{ kind: 'rates', steps: [{ action: 'block', seconds: 60 }] }] }, 'ladder.0.kind', /rate/],
    [{ ladder: [{ endpoint: '/a', steps: [{ action: 'block', seconds: 60 }] }] }, 'ladder.0.endpoint', /METHOD/],
    [
      {
        ladder: [
          {
            steps: [
              { action: 'block', seconds: 60 },
              { action: 'throttle', seconds: 600 },
            ],
          },
        ],
      },
      'ladder.0.steps.1',
      /harder or longer than the step before it \(block for 60 s\)/,
    ],
    [
      {
        ladder: [
          { severity: 'medium', steps: [{ action: 'block', seconds: 60 }] },
          { kind: 'rate', severity: 'high', steps: [{ action: 'block', seconds: 60 }] },
        ],
      },
      'ladder.1',
      /number 1/,
    ],
    [{ groups: Array.from({ length: 51 }, (_, i) => ({ name: `g${i}`, actors: ['x'] })) }, 'groups', /50/],
  ])('are refused by the path of what is wrong: %j', (patch, path, says) => {
    expect(faults(patch)).toEqual([[path, expect.stringMatching(says)]]);
  });

  it('take every form of an address', () => {
    const addresses = ['192.0.2.1', '10.0.0.0/8', '2001:db8::1', '2001:db8::/32', '::ffff:192.0.2.1', '::ffff:10.0.0.0/104'];
    expect(faults({ allow: { addresses } })).toEqual([]);
  });

  it('make control characters in names and ids visible', () => {
    const { groups } = settingsPatchSchema.parse({ groups: [{ name: 'a\u0000b', actors: ['x\ny'] }] });
    expect(groups).toMatchObject([{ name: 'a\ufffdb', actors: ['x\ufffdy'] }]);
  });
});

describe('stored settings', () => {
  it('that another version wrote keep what can be read', () => {
    const stored = { baseLimit: 5, kinds: { 'kind-of-tomorrow': 'on' }, groups: 'none', tomorrow: 1 };
    expect(storedSettings(stored)).toEqual({ ...DEFAULT_SETTINGS, baseLimit: 5 });
    for (const nothing of [null, undefined, 'text', 3, []]) expect(storedSettings(nothing)).toEqual(DEFAULT_SETTINGS);
  });
});
