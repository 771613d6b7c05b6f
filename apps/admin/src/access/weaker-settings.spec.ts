/** What of a change of settings counts as weakening, by pairs of before and after. */
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch, type Step, settingsPatchSchema } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { stepsAreMilder, weakens } from './weaker-settings.js';

type Given = Partial<Record<keyof Settings, unknown>>;
/** As the API would take it. */
const parsed = (patch: Given): SettingsPatch => settingsPatchSchema.parse(patch);
const changed = (before: Given, patch: Given): boolean =>
  weakens({ ...DEFAULT_SETTINGS, ...(parsed(before) as Partial<Settings>) }, parsed(patch));

const block = (seconds: number): Step => ({ action: 'block', seconds });
const throttle = (seconds: number): Step => ({ action: 'throttle', seconds });
const monitor = (seconds: number): Step => ({ action: 'monitor', seconds });
const endpoint = 'POST /login';
const staff = { name: 'staff', actors: ['ann', 'bob'] };
const flow = { name: 'buy', steps: ['GET /cart', endpoint] };
const robots = { name: 'robots', actors: ['robot-*'] };

describe('a ladder is weakened', () => {
  it.each<[string, Given, Given]>([
    ['by emptying it', {}, { ladder: [] }],
    ['to watching alone', {}, { ladder: [{ steps: [monitor(60)] }] }],
    ['for one endpoint', {}, { ladder: [{ endpoint, steps: [monitor(60)] }, ...DEFAULT_SETTINGS.ladder] }],
    ['for one kind', {}, { ladder: [{ kind: 'rate', steps: [throttle(60)] }, ...DEFAULT_SETTINGS.ladder] }],
    ['by leaving out the gravest', {}, { ladder: DEFAULT_SETTINGS.ladder.slice(1) }],
    ['by leaving out the mildest', {}, { ladder: DEFAULT_SETTINGS.ladder.slice(0, 2) }],
    [
      'by dropping what was harder for one endpoint, however it was written',
      { ladder: [{ endpoint: 'GET /users/{id}', steps: [block(600)] }, { steps: [throttle(60)] }] },
      { ladder: [{ endpoint: 'GET /users/:id', steps: [throttle(60)] }, { steps: [throttle(60)] }] },
    ],
  ])('%s', (_, before, patch) => expect(changed(before, patch)).toBe(true));

  it.each<[string, Given, Given]>([
    ['is as it was', {}, { ladder: DEFAULT_SETTINGS.ladder }],
    ['blocks at once', {}, { ladder: [{ steps: [block(86_400)] }] }],
    ['is harder for one endpoint', {}, { ladder: [{ endpoint, steps: [block(86_400)] }, ...DEFAULT_SETTINGS.ladder] }],
    ['acts where nothing did', { ladder: [] }, { ladder: [{ endpoint, steps: [monitor(60), block(60)] }] }],
  ])('not where it %s', (_, before, patch) => expect(changed(before, patch)).toBe(false));

  it.each<[boolean, Step[], Step[]]>([
    [true, [block(600)], []],
    [true, [block(600)], [block(599)]],
    [true, [block(600), block(3_600)], [block(600)]],
    [true, [block(600)], [throttle(600), block(600)]],
    [true, [monitor(60), block(600)], [monitor(86_400), block(600)]],
    [true, [throttle(60), block(600)], [throttle(86_400), block(600)]],
    [true, [throttle(60), block(600)], [throttle(60), throttle(120), block(600)]],
    [false, [throttle(60), block(600)], [throttle(60), block(600), block(900)]],
    [false, [block(600), block(3_600)], [block(3_600)]],
    [false, [monitor(60), block(600)], [monitor(10), block(600)]],
    [false, [throttle(60)], [throttle(600)]],
    [false, [], [block(10)]],
  ])('%s: %j to %j', (milder, before, after) => expect(stepsAreMilder(before, after)).toBe(milder));
});

describe('limits are weakened', () => {
  it.each<[string, Given, Given]>([
    ['by a higher limit', {}, { baseLimit: 101 }],
    ['by more tolerance', {}, { sensitivity: 2 }],
    ['by a kind that only watches', {}, { kinds: { rate: 'monitor' } }],
    ['by a kind that watched and is off', { kinds: { rate: 'monitor' } }, { kinds: { rate: 'off' } }],
    ['in a new group', {}, { groups: [{ ...staff, baseLimit: 500 }] }],
    ['on an endpoint', {}, { endpoints: [{ endpoint, sensitivity: 3 }] }],
    ['below what an endpoint had', { endpoints: [{ endpoint, baseLimit: 5 }] }, { endpoints: [{ endpoint, baseLimit: 50 }] }],
    ['by dropping a stricter endpoint', { endpoints: [{ endpoint, baseLimit: 5 }] }, { endpoints: [] }],
    ['by dropping a stricter group', { groups: [{ ...staff, sensitivity: 0.5 }] }, { groups: [] }],
    ['of a group', { groups: [{ ...staff, sensitivity: 0.5 }] }, { groups: [{ ...staff, sensitivity: 1 }] }],
    [
      'for who is in a stricter group, by an endpoint that comes before it',
      { groups: [{ ...staff, baseLimit: 5 }] },
      { endpoints: [{ endpoint, baseLimit: 50 }] },
    ],
    [
      'by taking somebody out of a stricter group',
      { groups: [{ ...staff, baseLimit: 5 }] },
      { groups: [{ ...staff, actors: ['ann'], baseLimit: 5 }] },
    ],
    [
      'by putting somebody into a looser one',
      { groups: [{ ...robots, baseLimit: 500 }] },
      { groups: [{ ...robots, actors: ['robot-*', 'eve'], baseLimit: 500 }] },
    ],
    [
      'by another order of groups',
      { groups: [{ ...staff, baseLimit: 5 }, robots] },
      { groups: [robots, { ...staff, baseLimit: 5 }] },
    ],
    [
      'by a kind that a stricter endpoint had on',
      { kinds: { rate: 'off' }, endpoints: [{ endpoint, kinds: { rate: 'on' } }] },
      { endpoints: [] },
    ],
    ['by a smaller share of blocks', {}, { maxShare: 0 }],
    ['by learning no flows', {}, { learnFlows: false }],
    ['by a flow that is gone', { flows: [flow] }, { flows: [] }],
    ['by a flow with another step before', { flows: [flow] }, { flows: [{ ...flow, steps: ['GET /', endpoint] }] }],
    ['by a smaller budget of alerts, beyond which all limits are stretched', {}, { alertBudget: 99 }],
    ['by a budget where there was none', { alertBudget: 0 }, { alertBudget: 1_000 }],
    ['by an endpoint that is said not to be sensitive', {}, { endpoints: [{ endpoint, sensitive: false }] }],
    ['by one that is said to be it no more', { endpoints: [{ endpoint, sensitive: true }] }, { endpoints: [{ endpoint }] }],
  ])('%s', (_, before, patch) => expect(changed(before, patch)).toBe(true));

  it.each<[string, Given, Given]>([
    ['nothing is said', {}, {}],
    ['it is stricter', {}, { baseLimit: 50, sensitivity: 1, maxShare: 0.1 }],
    ['a kind is on again', { kinds: { rate: 'off' } }, { kinds: {} }],
    ['what was loose stays so', { kinds: { rate: 'off' }, sensitivity: 9 }, { kinds: { rate: 'off' }, sensitivity: 9 }],
    ['the budget of alerts is larger, or there is none', {}, { alertBudget: 101 }],
    ['there is no budget of alerts: nothing is stretched', {}, { alertBudget: 0 }],
    ['an endpoint is said to be sensitive', {}, { endpoints: [{ endpoint, sensitive: true }] }],
    [
      'what was not sensitive stays so',
      { endpoints: [{ endpoint, sensitive: false }] },
      { endpoints: [{ endpoint, sensitive: false }] },
    ],
    ['a flow has another name', { flows: [flow] }, { flows: [{ ...flow, name: 'other' }] }],
    ['a looser group goes', { groups: [{ ...robots, baseLimit: 500 }] }, { groups: [] }],
    ['a looser group is tightened', { groups: [{ ...robots, baseLimit: 500 }] }, { groups: [{ ...robots, baseLimit: 400 }] }],
    [
      'a looser endpoint is tightened',
      { endpoints: [{ endpoint, baseLimit: 900 }] },
      { endpoints: [{ endpoint, baseLimit: 800 }] },
    ],
    [
      'a stricter group comes beside a looser one',
      { groups: [{ ...robots, baseLimit: 500 }] },
      {
        groups: [
          { ...robots, baseLimit: 500 },
          { ...staff, baseLimit: 5 },
        ],
      },
    ],
  ])('not where %s', (_, before, patch) => expect(changed(before, patch)).toBe(false));
});
