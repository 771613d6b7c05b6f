/** The inventory of roles (T20 of the attack list): every operation, with a good call, as every persona, against the running server. */
import { type AccessActionName, accessActionOf, type OperationName } from '@plimsoll/contracts';
import { createKey } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { neededQuery, operationNames, operationOf } from '../setup/contract.js';
import { Driver } from '../setup/driver.js';
import { makeLog } from '../setup/findings.js';
import { goodBodies } from '../setup/good-bodies.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../setup/history.js';
import { insertAlert, insertPending, insertService, T0 } from '../setup/records.js';

let server: AdminServer;
let kept: OwnHistory;
let bodies: Partial<Record<OperationName, unknown>>;
/** Ids of what there is, by the part of a path before them. */
const ids: Record<string, string> = { services: 'shop', requests: 'log-1' };

beforeAll(async () => {
  kept = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: kept.readerUrl, DEMO_SERVICE: 'shop' }, parent: new Driver() });
  await insertService(server.db);
  await keepLogs(kept.history, 'shop', [makeLog({ id: 'log-1', ts: T0, actor: 'ada' })]);
  ids['alerts'] = await insertAlert(server.db);
  ids['decisions'] = await insertPending(server.db);
  ids['keys'] = (await createKey(server.db, { service: 'shop', name: 'k' }, T0)).key.id;
  const first = await server.signIn('owner', 'Ada');
  ids['backtests'] = String((await first.call('createBacktest', { body: { service: 'shop', days: 1 } })).body['id']);
  bodies = goodBodies('shop', ids['alerts']);
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await kept?.drop();
});

const kindOf = (action: AccessActionName) => accessActionOf(action).kind;
const plain = { service: 'shop', ts: String(T0), text: 'ada', type: 'actor', subject: 'ada', alerts: 'alt_x' };
/** All that need a token, but for what would end the persona's own session. */
const guarded = operationNames.flatMap((name) => {
  const { action } = operationOf(name);
  return action === null || name === 'signOut' || name === 'endSessions' ? [] : [{ name, action }];
});

const may: Record<string, (action: AccessActionName) => boolean> = {
  viewer: (action) => ['own', 'read'].includes(kindOf(action)),
  analyst: (action) => ['own', 'read', 'operate'].includes(kindOf(action)),
  owner: () => true,
};

function callOf(visitor: Visitor, name: OperationName) {
  const { path, params } = operationOf(name);
  const parts = path.split('/');
  const id = ids[parts[parts.indexOf('{id}') - 1] ?? ''] ?? 'none';
  const body = bodies[name] === undefined ? {} : { body: bodies[name] };
  return visitor.call(name, { ...(params ? { params: { id } } : {}), query: neededQuery(name, plain), ...body });
}

describe('T20: every operation as every persona', () => {
  it('has a good call: what is refused is refused for who asks', () => {
    const others = guarded.filter(({ action }) => kindOf(action) !== 'own');
    const faulty = others.filter(({ name }) => {
      const { body, query } = operationOf(name);
      return body?.safeParse(bodies[name]).success === false || query?.safeParse(neededQuery(name, plain)).success === false;
    });
    expect(faulty).toEqual([]);
    expect(others.length).toBeGreaterThan(60);
  });

  it.each(['viewer', 'analyst', 'owner'] as const)(
    '%s',
    async (role) => {
      const visitor = await server.signIn(role);
      for (const { name, action } of guarded) {
        const { status, body } = await callOf(visitor, name);
        if (!may[role]?.(action)) expect([name, status, body['code']]).toEqual([name, 403, 'forbidden']);
        else if (kindOf(action) === 'own') expect([name, status]).not.toEqual([name, 403]);
        else expect([name, status, [400, 403].includes(status)]).toEqual([name, status, false]);
      }
    },
    120_000,
  );
});
