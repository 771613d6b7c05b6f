import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, testHistory } from '../../../../test/setup/history.js';
import { T0 } from '../../../../test/setup/records.js';
import { findParties, readContacts, stepsOf } from './contacts.js';

const MINUTE = 60_000;
const span = { service: 'shop', from: T0 - 1, to: T0 + 3_600_000 };

describe('steps', () => {
  it('are counted source by source, without long pauses and repetitions', () => {
    const rows = [
      ['ada', 0, 'list'],
      ['bob', 1, 'pay'],
      ['ada', 2, 'cart'],
      ['ada', 3, 'cart'],
      ['ada', 4, 'pay'],
      ['bob', 31 * MINUTE, 'list'],
      ['bob', 32 * MINUTE, 'cart'],
    ] as const;
    expect(stepsOf(rows)).toEqual([
      { from: 'list', to: 'cart', times: 2 },
      { from: 'cart', to: 'pay', times: 1 },
    ]);
  });
});

describe('contacts', () => {
  it('are those of the requests that are meant, busiest first', { timeout: ENGINE_WITHIN_MS }, async () => {
    const { history } = await testHistory();
    const log = (index: number, part: object) => makeLog({ id: `log-${index}`, ts: T0 + index * 1_000, ...part });
    const logs = [
      log(1, { actor: 'ada', ip: '192.0.2.1', userAgent: 'phone', path: '/list' }),
      log(2, { actor: 'ada', ip: '192.0.2.2', userAgent: 'laptop', path: '/cart', credential: 'cred-1' }),
      log(3, { actor: 'ada', ip: '192.0.2.2', userAgent: 'laptop', path: '/pay' }),
      log(4, { actor: "ad'a", ip: '192.0.2.3', userAgent: '<b>', path: '/list' }),
      log(5, { actor: 'adam', ip: '192.0.2.2', userAgent: 'laptop', path: '/list', ts: T0 + 2 * 3_600_000 }),
    ];
    await keepLogs(history, 'shop', logs);
    await keepLogs(history, 'bank', [log(6, { actor: 'ada', ip: '192.0.2.9' })]);
    const ofAda = await readContacts(history, { ...span, actor: 'ada' });
    expect(ofAda.addresses).toEqual([
      { id: '192.0.2.2', requests: 2, firstAt: T0 + 2_000, lastAt: T0 + 3_000 },
      { id: '192.0.2.1', requests: 1, firstAt: T0 + 1_000, lastAt: T0 + 1_000 },
    ]);
    expect(ofAda.devices.map(({ id }) => id)).toEqual(['laptop', 'phone']);
    expect(ofAda.credentials.map(({ id }) => id)).toEqual(['cred-1']);
    expect(ofAda.steps).toEqual([
      { from: 'GET /cart', to: 'GET /pay', times: 1 },
      { from: 'GET /list', to: 'GET /cart', times: 1 },
    ]);
    const ofAddress = await readContacts(history, { ...span, address: '192.0.2.3' });
    expect([ofAddress.actors, ofAddress.devices].map(([one]) => one?.id)).toEqual(["ad'a", '<b>']);
    const found = await findParties(history, { services: ['shop'], text: 'ad', from: span.from, to: span.to });
    expect(found.map(({ type, id, service }) => [type, id, service])).toEqual([
      ['actor', 'ada', 'shop'],
      ['actor', "ad'a", 'shop'],
    ]);
    expect(await findParties(history, { services: [], text: 'ad', from: span.from, to: span.to })).toEqual([]);
  });
});
