/** Who was at an endpoint, as a real ClickHouse tells before the logs of one are deleted. */
import { expect, it, onTestFinished } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, testHistory } from '../../../../test/setup/history.js';
import { aloneAt } from './alone.js';
import { eraseFromHistory } from './erase.js';
import { openHistory } from './history.js';

it(
  'is told where it was and none of others, signed in or not, in that service, and only while its logs are there',
  async () => {
    const { history } = await testHistory();
    const log = (id: string, path: string, ...actor: string[]) =>
      makeLog({ id, ts: Date.now(), path, ...(actor[0] && { actor: actor[0] }) });
    const paths = ['/users/admin', '/admin/a', '/admin/b', '/admin/c'];
    const own = paths.map((path, at) => log(`own-${at}`, path, 'admin'));
    await keepLogs(history, 'shop', [...own, log('o1', '/admin/a', 'u2'), log('o2', '/admin/b')]);
    await keepLogs(history, 'other', [log('o3', '/users/admin', 'u2')]);
    const at = (service: string, path: string) => ({ service, endpoint: `GET ${path}` });
    const asked = [...paths.map((path) => at('shop', path)), at('shop', '/admin/never'), at('other', '/users/admin')];
    expect(await aloneAt(history, 'admin', asked)).toEqual([at('shop', '/users/admin'), at('shop', '/admin/c')]);
    expect(await aloneAt(history, 'admin', [])).toEqual([]);
    const erase = () => eraseFromHistory(history, { id: 'era_one', actor: 'admin' }, async () => {});
    await expect.poll(erase, { timeout: 20_000 }).toEqual({ type: 'through' });
    // Its requests are counted there still.
    expect(await aloneAt(history, 'admin', asked)).toEqual([]);
  },
  ENGINE_WITHIN_MS,
);
it(
  'is nowhere where nothing was kept yet',
  async () => {
    const { history } = await testHistory({ tables: false });
    expect(await aloneAt(history, 'admin', [{ service: 'shop', endpoint: 'GET /admin' }])).toEqual([]);
  },
  ENGINE_WITHIN_MS,
);
it(
  'is told nowhere where the history is too large to say: an erasure comes to its end all the same',
  async () => {
    const own = await testHistory();
    const logs = ['/a', '/b'].map((path) => makeLog({ id: path, ts: Date.now(), path, actor: 'admin' }));
    await keepLogs(own.history, 'shop', logs);
    const bounded = openHistory(`${own.url}?ch_max_rows_to_read=1`);
    onTestFinished(() => bounded.close());
    expect(await aloneAt(bounded, 'admin', [{ service: 'shop', endpoint: 'GET /a' }])).toEqual([]);
    const away = openHistory('http://127.0.0.1:1');
    onTestFinished(() => away.close());
    await expect(aloneAt(away, 'admin', [{ service: 'shop', endpoint: 'GET /a' }])).rejects.toThrow('ECONNREFUSED');
    // Of what passes by itself nothing is concluded.
    const poor = openHistory(`${own.url}?ch_max_memory_usage=1&ch_max_untracked_memory=0`);
    onTestFinished(() => poor.close());
    await expect(aloneAt(poor, 'admin', [{ service: 'shop', endpoint: 'GET /a' }])).rejects.toMatchObject({ code: '241' });
  },
  ENGINE_WITHIN_MS,
);
