import type { AccessActionName, Alert } from '@plimsoll/contracts';
import { describe, expect, it, vi } from 'vitest';
import { alertOf } from '../samples.fixture.js';
import { alertCommands } from './alert-commands.js';

const acts = (may: (action: AccessActionName) => boolean = () => true) => ({
  ...{ may, act: vi.fn(), ask: vi.fn(), decide: vi.fn(), allow: vi.fn() },
});
const names = (part: Partial<Alert>, may?: (action: AccessActionName) => boolean) =>
  alertCommands(alertOf(part), acts(may)).map(({ name }) => name);
const triage = ['Resolve this alert…', 'Assign this alert…', 'Snooze this alert…'];
const orders = ['Throttle this user…', 'Challenge this user…', 'Block this user…', 'Put this user on the allow-list…'];

describe('commands of an alert', () => {
  it.each<[Partial<Alert>, string[]]>([
    [{ state: 'open' }, ['Acknowledge this alert', 'Acknowledge this alert until…', ...triage, ...orders]],
    [{ state: 'acknowledged' }, ['Acknowledge this alert until…', ...triage, 'Open this alert again', ...orders]],
    [{ state: 'resolved' }, orders],
    [{ state: 'resolved', subject: { type: 'service', id: 'shop' } }, []],
    [
      { state: 'resolved', subject: { type: 'address', id: '192.0.2.1' } },
      ['Throttle this address…', 'Block this address…', 'Put this address on the allow-list…'],
    ],
  ])('are what can be done: %o', (part, expected) => expect(names(part)).toEqual(expected));

  it('are what may be done', () => {
    expect(names({}, (action) => action === 'alert.resolve')).toEqual(['Resolve this alert…']);
    expect(names({}, (action) => action === 'decision.make')).toEqual(orders.slice(0, 3));
    expect(names({}, () => false)).toEqual([]);
  });

  it('do what they say', () => {
    const all = acts();
    for (const { run } of alertCommands(alertOf({ state: 'acknowledged' }), all)) run();
    expect(all.act.mock.calls).toEqual([[{ type: 'reopen' }]]);
    expect(all.ask.mock.calls).toEqual([['acknowledge'], ['resolve'], ['assign'], ['snooze']]);
    expect(all.decide.mock.calls).toEqual([['throttle'], ['challenge'], ['block']]);
    expect(all.allow).toHaveBeenCalledOnce();
  });
});
