/** The erasure of one actor from the history, against a real ClickHouse whose rewriting is held up meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { eraseFromHistory } from './erase.js';

let own: OwnHistory;
beforeAll(async () => {
  own = await ownHistory({ tables: true });
}, ENGINE_WITHIN_MS);
afterAll(() => own?.drop());

const ACTOR = `mal'lory`;
const logs = (actor: string, count: number) =>
  Array.from({ length: count }, (_, at) => makeLog({ id: `${actor}-${count}-${at}`, ts: Date.now(), actor }));
async function read<T>(query: string): Promise<T[]> {
  return (await own.history.client.query({ query, format: 'JSONEachRow' })).json<T>();
}

it('is begun once and not waited for, counts what it was about, leaves others, and says nowhere whom', async () => {
  const { history } = own;
  await keepLogs(history, 'shop', [...logs(ACTOR, 7), ...logs('u2', 5)]);
  const noted: number[] = [];
  const erase = (id = 'era_one') => eraseFromHistory(history, { id, actor: ACTOR }, async (count) => void noted.push(count));
  await history.client.command({ query: 'SYSTEM STOP MERGES request_log' });
  expect(await erase()).toEqual({ type: 'begun', logs: 7 });
  expect([await erase(), await erase()]).toEqual([{ type: 'working' }, { type: 'working' }]);
  const work = await read<{ command: string }>('SELECT command FROM system.mutations WHERE database = currentDatabase()');
  expect([work.length, JSON.stringify(work).includes('lory'), noted]).toEqual([1, false, [7]]);
  await history.client.command({ query: 'SYSTEM START MERGES request_log' });
  await expect.poll(() => erase(), { timeout: 20_000 }).toEqual({ type: 'through' });
  await keepLogs(history, 'shop', logs(ACTOR, 2));
  expect([await erase(), noted]).toEqual([{ type: 'through' }, [7]]);
  const left = await read('SELECT actor, count() AS logs FROM request_log GROUP BY actor ORDER BY actor');
  expect(left).toEqual([
    { actor: ACTOR, logs: 2 },
    { actor: 'u2', logs: 5 },
  ]);
  expect(await erase('era_two')).toEqual({ type: 'begun', logs: 2 });
});

it('says why a deletion does not go on', async () => {
  const { history } = own;
  await keepLogs(history, 'shop', logs('u3', 1));
  const command = (query: string) => history.client.command({ query, clickhouse_settings: { mutations_sync: '0' } });
  await command(`ALTER TABLE request_log DELETE WHERE throwIf(actor = 'u3', 'no room for era_stuck')`);
  const look = () => eraseFromHistory(history, { id: 'era_stuck', actor: 'u3' }, async () => {});
  await expect.poll(look, { timeout: 20_000 }).toEqual({ type: 'working', fault: expect.stringContaining('no room') });
  await command(`KILL MUTATION WHERE database = currentDatabase() AND command LIKE '%era_stuck%'`);
});
