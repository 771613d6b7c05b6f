/** `plimsoll query` and `plimsoll backtest` as a person runs them, against stores of the test's own. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { BacktestResult, RequestLog } from '@plimsoll/contracts';
import { createService, openDatabase } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../test/setup/database.js';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { timeFrom } from './times.js';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-history-commands-'));
const start = Date.now() - 6 * 3_600_000;
let databaseUrl: string;
let database: ReturnType<typeof openDatabase>;
let kept: OwnHistory;

beforeAll(async () => {
  if (!existsSync(resolve('apps/cli/dist/main.js'))) throw new Error('apps/cli is not built: npm run build');
  databaseUrl = await freshDatabase();
  database = openDatabase(databaseUrl, { max: 1 });
  await createService(database.db, { id: 'shop', policy: 'block' }, start);
  kept = await ownHistory();
  const calm = Array.from({ length: 900 }, (_, n) => log(n, n * 6000, n % 10));
  const fast = Array.from({ length: 400 }, (_, n) => log(1000 + n, 4_000_000 + n * 25, 3));
  const odd = makeLog({ id: 'odd', ts: start + 1, path: '/\u001b[2Jx', actor: 'eve\u0007', status: 404 });
  await keepLogs(kept.history, 'shop', [...calm, ...fast, odd]);
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database?.close();
  await kept?.drop();
});

const log = (n: number, afterMs: number, user: number): RequestLog =>
  makeLog({ id: `log-${n}`, ts: start + afterMs, path: '/products', actor: `user-${user}`, ip: `203.0.113.${user}` });

async function run(command: string, ...args: string[]) {
  const where = ['--database-url', databaseUrl, '--clickhouse-url', kept.readerUrl, '--data', folder];
  return runPlain(command, ...where, ...args);
}
async function runPlain(...args: string[]) {
  const env = { ...process.env, DATABASE_URL: '', CLICKHOUSE_URL: '' };
  const child = spawn(process.execPath, ['apps/cli/bin/plimsoll.mjs', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((done) => child.on('close', done));
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await closed, out, error };
}

describe('query', () => {
  it('prints a table, the newest first, with nothing that moves a terminal', async () => {
    const { code, out, error } = await run('query', '--limit', '3');
    expect([code, out.trim().split('\n').length]).toEqual([0, 4]);
    expect(out).toMatch(/time \(UTC\) +status +method +path/);
    expect(error).toMatch(/more than these 3/);
    const { out: odd } = await run('query', '--status', '404');
    expect(odd).toContain('x');
    expect([odd.includes('\u001b'), odd.includes('\u0007')]).toEqual([false, false]);
  });

  it('prints NDJSON and a histogram of the same filter', async () => {
    const { out } = await run('query', '--json', '--actor', 'user-3', '--from', '1d');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(490);
    expect(lines[0]).toMatchObject({ service: 'shop', actor: 'user-3', endpoint: 'GET /products' });
    expect((await run('query', '--histogram', '--actor', 'user-3')).out).toMatch(
      /490 requests from 20[-\d :.]+ to 20[-\d :.]+\.\n$/,
    );
    expect((await run('query', '--json', '--actor', 'nobody')).out).toBe('');
  });

  it.each([
    ['a service that is not there', ['--service', 'bank'], 'There is no service bank. There are: shop.'],
    ['a filter that cannot be', ['--address', 'nowhere', '--status', '9'], /--address: [\s\S]*--status: a status/],
    ['times the wrong way round', ['--from', '1h', '--to', '2h'], '--from must lie before --to'],
    ['a time that is none', ['--from', 'yesterday'], 'how long ago'],
  ])('says what is wrong: %s', async (_, args, says) => {
    const { code, error, out } = await run('query', ...args);
    expect([code, out]).toEqual([1, '']);
    expect(error).toMatch(says);
  });

  it('says what to do where nothing runs, or no history is kept', async () => {
    expect((await runPlain('query', '--data', folder)).error).toMatch(/does not run on .*npm start/);
    const { code, error } = await runPlain('query', '--data', folder, '--database-url', databaseUrl);
    expect([code, error]).toEqual([1, expect.stringMatching(/--clickhouse-url/)]);
    const away = await runPlain('query', '--database-url', databaseUrl, '--clickhouse-url', 'http://127.0.0.1:9');
    expect(away.error).toMatch(/cannot be read: ClickHouse does not answer/);
  });
});

describe('backtest', () => {
  it('says what would come, as a table and as JSON', async () => {
    const { code, out } = await run('backtest', '--days', '0.22');
    expect(code).toBe(0);
    expect(out).toMatch(/Alerts that would come: 1\n[\s\S]*rate +actor user-3 on GET \/products/);
    expect(out).toMatch(/The model began with a warm-up over the history from/);
    const result: BacktestResult = JSON.parse((await run('backtest', '--days', '0.22', '--json')).out);
    expect(result.alerts.come).toMatchObject({ total: 1, items: [{ kind: 'rate', subject: { id: 'user-3' } }] });
  });

  it('runs other settings, and names what is wrong with them', async () => {
    const path = join(folder, 'settings.json');
    writeFileSync(path, '{"kinds": {"rate": "off"}}');
    expect((await run('backtest', '--settings', path, '--days', '0.22')).out).toMatch(/^0 alerts come, 0 go/m);
    writeFileSync(path, '{"kind": {"rate": "off"}}');
    const { code, error } = await run('backtest', '--settings', path);
    expect([code, error]).toEqual([1, expect.stringMatching(/cannot be used:[\s\S]*kind/)]);
    expect((await run('backtest', '--days', '0')).error).toMatch(/from 0\.01 to 90/);
  });
});

describe('times', () => {
  it('are milliseconds, ISO 8601, or how long ago', () => {
    expect(['90s', '30m', '12h', '7d'].map((typed) => 1e12 - timeFrom(typed, 1e12))).toEqual([9e4, 18e5, 432e5, 6048e5]);
    expect([timeFrom('1790000000000', 0), timeFrom('2026-11-26T10:00:00Z', 0)]).toEqual([1_790_000_000_000, 1_795_687_200_000]);
  });
});
