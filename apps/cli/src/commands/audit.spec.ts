import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { auditSigner, checkpointAudit, openDatabase, recordAudit } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../test/setup/database.js';

const program = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));
const masterKey = randomBytes(32);
let folder: string;
let url: string;
let database: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-audit-cli-'));
  url = await freshDatabase();
  database = openDatabase(url, { max: 2 });
  const about = { type: 'actor', id: 'mallory' } as const;
  for (const action of ['a.b', 'c.d', 'e.f']) {
    await recordAudit(database.db, { at: 1, personId: null, action, object: 'mallory', about, detail: {}, address: '' });
  }
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** Exit code and what the program wrote. */
async function plimsoll(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, DATABASE_URL: url, PLIMSOLL_MASTER_KEY: masterKey.toString('base64url') };
  const run = promisify(execFile)(process.execPath, [program, 'audit', ...args, '--data', folder], { env });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
  );
}

describe('plimsoll audit', () => {
  it('exports the chain with names, one row a line', async () => {
    const rows = (await plimsoll('export')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ id, action, named }) => [id, action, named.object])).toEqual([
      [1, 'a.b', 'mallory'],
      [2, 'c.d', 'mallory'],
      [3, 'e.f', 'mallory'],
    ]);
    expect(rows[1].previous).toBe(rows[0].hash);
    expect(rows[0].object).toMatch(/^sub_/);
  });

  it('verifies: 0 where all is whole, 3 and the row where it is not', async () => {
    expect(await plimsoll('verify')).toMatchObject({ code: 0, out: '3 rows, no checkpoint.\nThe audit is whole.\n' });
    const kept = await checkpointAudit(database.db, auditSigner(masterKey), { id: 0, hash: '' }, 5);
    if (kept.type !== 'signed') throw new Error(kept.type);
    await writeFile(join(folder, 'kept.ndjson'), `${kept.checkpoint.jws}\n`);
    await database.db.execute(sql`alter table audit disable trigger all`);
    await database.db.execute(sql`alter table audit_head disable trigger all`);
    await database.db.execute(sql`delete from audit where id = 3`);
    await database.db.execute(sql`update audit_head set id = 2, hash = (select hash from audit where id = 2)`);
    await database.db.execute(sql`delete from audit_checkpoint`);
    expect((await plimsoll('verify')).code).toBe(0);
    const cut = await plimsoll('verify', '--checkpoints', join(folder, 'kept.ndjson'));
    expect(cut).toMatchObject({ code: 3, out: expect.stringContaining('row 3 is missing at the end') });
    await database.db.execute(sql`update audit set action = 'x.y' where id = 1`);
    expect(await plimsoll('verify')).toMatchObject({ code: 3, out: expect.stringContaining('row 1 was edited') });
  });

  it('trusts no checkpoint of another key', async () => {
    await writeFile(join(folder, 'other.ndjson'), 'a.b.c\n');
    const { code, out } = await plimsoll('verify', '--checkpoints', join(folder, 'other.ndjson'));
    expect([code, out]).toEqual([3, expect.stringContaining('was not signed by this installation')]);
  });
});
