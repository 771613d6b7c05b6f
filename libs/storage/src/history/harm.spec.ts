import type { HarmQuestion, RequestLog } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { heldAddress } from '../addresses.js';
import { countRequests, readHarm } from './harm.js';

let own: OwnHistory;
beforeAll(async () => {
  own = await ownHistory();
}, ENGINE_WITHIN_MS);
afterAll(() => own.drop());

/** The begin of an hour: what comes within it falls into one window. */
const T = Math.floor(Date.now() / 3_600_000 - 24) * 3_600_000;
const spanOf = (service: string) => ({ service, from: T, to: T + 3_600_000 });
const limit = (fields: Partial<HarmQuestion & { type: 'limit' }>): HarmQuestion => ({
  type: 'limit',
  kind: 'rate',
  endpoint: null,
  per: 'address',
  atMost: 0,
  windowSeconds: 3_600,
  ...fields,
});

describe('harm to addresses', () => {
  const addresses = [
    ...['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '2001:db8:0:0:1::', '2001:db8:0:1::1', '2001:db8:1::1', '::1'],
    ...[
      '2001:0:0:1::5',
      '2001:0:1::1',
      '0:0:0:1::1',
      'fe80::1',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4::',
      '1:0:3:4:5:6:7:8',
      '::2:3:4:5:6',
    ],
  ];
  const logs = addresses.map((ip, n) => makeLog({ id: `a-${n}`, ts: T + n, ip }));
  beforeAll(() => keepLogs(own.history, 'nets', logs));
  const networks = [...new Set(addresses.map(heldAddress))].sort();

  it('counts an IPv6 address with its network, by the name that a decision has', async () => {
    const { hits, total } = await readHarm(own.history, spanOf('nets'), limit({}));
    expect(hits.map(({ subject }) => subject.id).sort()).toEqual(networks);
    expect(total).toBe(networks.length);
    const { of, all } = await countRequests(
      own.history,
      spanOf('nets'),
      hits.map(({ subject }) => subject),
    );
    expect([...of].sort()).toEqual(
      networks.map((network) => [network, addresses.filter((ip) => heldAddress(ip) === network).length]),
    );
    expect(all).toBe(addresses.length);
  });

  it.each([
    ['2001:db8::/32', 5],
    ['2001:db8::/64', 3],
    ['192.0.2.0/24', 2],
    ['198.51.100.0/24', 0],
  ])('counts what the range %s asked', async (id, requests) => {
    const { of, all } = await countRequests(own.history, spanOf('nets'), [{ type: 'address', id }]);
    expect([of.get(id), all]).toEqual([requests, addresses.length]);
  });
});

describe('harm of a limit on bytes', () => {
  it('refuses what comes after the limit in order of time, whoever of an address sent it', async () => {
    const sent = (id: string, at: number, fields: Partial<RequestLog>) => makeLog({ id, ts: T + at, ip: '192.0.2.9', ...fields });
    // The history lies in order of the actors: what abe did later is read first.
    const late = Array.from({ length: 5 }, (_, n) => sent(`late-${n}`, 10_000 + n, { actor: 'abe', bytesOut: 100 }));
    await keepLogs(own.history, 'bytes', [sent('first', 0, { actor: 'zed', bytesOut: 900 }), ...late]);
    const harm = await readHarm(own.history, spanOf('bytes'), limit({ kind: 'exfiltration', atMost: 950 }));
    expect(harm).toMatchObject({ refused: 5, total: 1 });
  });
});
