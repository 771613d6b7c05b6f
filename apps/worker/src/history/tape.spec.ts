/** A tape whose mark is held up in PostgreSQL, or set without an answer, while more is dropped. */
import {
  batchesAfter,
  commitBatch,
  type Database,
  discardOld,
  ensureShards,
  historySchema,
  newId,
  openDatabase,
  openMark,
  schema,
  takeShards,
} from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { freshDatabase } from '../../../../test/setup/database.js';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, testHistory } from '../../../../test/setup/history.js';
import { HistoryPool } from './pool.js';
import { Tape } from './tape.js';

/** A history and a database of its own, whose one shard is taken. */
async function openShard() {
  const { history } = await testHistory();
  const { db, close } = openDatabase(await freshDatabase(), { max: 4 });
  await ensureShards(db, 1);
  const [lease] = await takeShards(db, 'me', 1, 1);
  if (lease === undefined) throw new Error('no shard is free');
  return { history, db, close, lease };
}

/** Nobody can set a mark until the answer is called: a mark is set under a share of the shard's row. */
async function holdMarks(db: Database): Promise<() => Promise<void>> {
  let release = () => {};
  let held = () => {};
  const isHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  const transaction = db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from ${schema.shard} for update`);
    held();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  await isHeld;
  return async () => {
    release();
    await transaction;
  };
}

const noting = (tape: Tape) => (from: number, to: number) => {
  for (let seq = from; seq <= to; seq += 1) {
    const log = makeLog({ id: `log-${seq}`, ts: Date.now() });
    tape.note(seq, `batch-${seq}`, [{ service: 'shop', endpoint: 'GET /a', log }], Date.now());
  }
};

it(
  'never sets its mark back, however much is dropped while one is being set',
  async () => {
    const { history, db, close, lease } = await openShard();
    const mark = await openMark(db, lease, 0);
    const line = 300;
    const pool = new HistoryPool(history, 5 * line, 30, 20);
    const tape = new Tape(lease, mark, { pool, db, log: pino({ level: 'silent' }), now: Date.now, onFenced: () => {} });
    const note = noting(tape);
    try {
      const release = await holdMarks(db);
      note(1, 30);
      tape.start();
      // The first mark waits by now, and what comes meanwhile pushes more out.
      await expect.poll(() => waiting(db)).toBe(1);
      note(31, 60);
      await release();
      const { counts } = pool;
      await expect.poll(() => counts.written + counts.lost, { timeout: 10_000 }).toBe(60);
      await tape.close(5_000);
      expect(counts.written).toBeGreaterThan(0);
      expect(await openMark(db, lease, 0)).toEqual({ done: 60, pending: 60, lost: 60 });
      const gaps = await db.select().from(historySchema.historyGap);
      expect(gaps.reduce((sum, { requests }) => sum + requests, 0)).toBe(counts.lost);
    } finally {
      await close();
    }
  },
  ENGINE_WITHIN_MS,
);

/** Statements of this database that wait for a lock. */
async function waiting(db: Database): Promise<number> {
  const { rows } = await db.execute<{ n: number }>(
    sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

/** PostgreSQL that does what it is asked, and whose next answers are lost on the way. */
function losingAnswers(db: Database): { db: Database; lose(count: number): void } {
  let left = 0;
  const transaction: Database['transaction'] = async (work) => {
    const done = await db.transaction(work);
    if (left === 0) return done;
    left -= 1;
    throw new Error('Connection terminated unexpectedly');
  };
  const lose = (count: number) => {
    left = count;
  };
  return { db: Object.assign(Object.create(db), { transaction }), lose };
}

it(
  'counts what is lost once, in the gaps and by itself, however often PostgreSQL must be asked',
  async () => {
    const { history, db, close, lease } = await openShard();
    const answers = losingAnswers(db);
    const pool = new HistoryPool(history, 900, 30, 20);
    const parts = { pool, db: answers.db, log: pino({ level: 'silent' }), now: Date.now, onFenced: () => {} };
    const tape = new Tape(lease, await openMark(db, lease, 0), parts);
    const note = noting(tape);
    const counted = async () => {
      const gaps = await db.select().from(historySchema.historyGap);
      return gaps.reduce((sum, { requests }) => sum + requests, 0);
    };
    try {
      // The table takes no line any more: all are lost, most before they are tried.
      await pool.tables();
      await history.client.command({ query: 'ALTER TABLE request_log DROP COLUMN trace_id' });
      answers.lose(4);
      note(1, 20);
      tape.start();
      note(21, 40);
      await expect.poll(async () => (await openMark(db, lease, 0)).done, { timeout: 20_000 }).toBe(40);
      await tape.close(5_000);
      expect([await counted(), pool.counts.lost]).toEqual([40, 40]);
    } finally {
      await tape.close(0);
      await close();
    }
  },
  ENGINE_WITHIN_MS,
);

it(
  'lets go of what has nothing to write, by a mark that follows it: housekeeping leaves none, and a successor reads none',
  async () => {
    const { history, db, close, lease } = await openShard();
    let now = 1_790_000_000_000;
    const pool = new HistoryPool(history, 900, 30, 20);
    const parts = { pool, db, log: pino({ level: 'silent' }), now: () => now, onFenced: () => {} };
    const tape = new Tape(lease, await openMark(db, lease, 0), parts);
    const contribute = async (count: number) => {
      for (; count > 0; count -= 1) {
        const id = newId('bat');
        const { seq } = await commitBatch(db, lease, id, [], { traffic: [], outcomes: [] }, now);
        tape.note(seq, id, [], now);
      }
    };
    const done = async () => (await openMark(db, lease, 0)).done;
    try {
      tape.start();
      await contribute(1);
      await expect.poll(done).toBe(1);
      await contribute(4);
      now += 601_000;
      await expect.poll(done).toBe(5);
      const many = Array.from({ length: 1_001 }, (_, at) => at + 6);
      for (const seq of many) tape.note(seq, `batch-${seq}`, [], now);
      await expect.poll(done).toBe(1_006);
      await db.update(schema.shard).set({ seq: 1_006 });
      await contribute(3);
      await tape.close(5_000);
      expect(await done()).toBe(1_009);
      expect(await batchesAfter(db, lease.shard, await done())).toEqual([]);
      expect(await discardOld(db, now + 3 * 86_400_000)).toMatchObject({ batches: 8 });
    } finally {
      await tape.close(0);
      await close();
    }
  },
  ENGINE_WITHIN_MS,
);
