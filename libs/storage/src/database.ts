/** The connection pool to PostgreSQL and the migrations. A query that cannot get a connection fails after some seconds; it never hangs. */
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import * as schema from './schema.js';

export type Database = NodePgDatabase<typeof schema> & { $client: pg.Pool };
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

const CONNECT_MS = 5_000;

export interface DatabaseOptions {
  /** Connections of this process; further queries wait for one. */
  max: number;
  /** PostgreSQL ends a statement that takes longer, and one that waits for a lock as long: milliseconds. Without it there is no end. */
  statementMs?: number;
}

export function openDatabase(url: string, { max, statementMs }: DatabaseOptions): { db: Database; close: () => Promise<void> } {
  const limits = statementMs === undefined ? {} : { statement_timeout: statementMs };
  const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: CONNECT_MS, ...limits });
  pool.on('error', () => {}); // An idle connection broke: the pool opens another one when it is needed.
  // One that breaks within a transaction fails the next query there; without a listener it would end the process before.
  pool.on('connect', (client) => client.on('error', () => {}));
  return { db: drizzle(pool, { schema }), close: () => pool.end() };
}

/** Brings the tables up to date. Processes that start at once take turns: the lock belongs to the one connection that migrates. */
export async function migrate(db: Database): Promise<void> {
  const client = await db.$client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('plimsoll:migrate', 0))`);
    try {
      await runMigrations(drizzle(client), { migrationsFolder: fileURLToPath(new URL('../migrations', import.meta.url)) });
    } finally {
      await client.query(`select pg_advisory_unlock(hashtextextended('plimsoll:migrate', 0))`);
    }
  } finally {
    client.release();
  }
}

/** SQLSTATE classes and system errors that say "the server is away or has had enough" (57014: of this statement), not "this is wrong". */
const AWAY = /^(08|53|57P|57014|55P03|25006|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT)/;
/** Serialisation failure, deadlock, and a unique row that another transaction wrote first: the same again may pass. */
const CONTENDED = /^(40001|40P01|23505)$/;

/** `away`: wait and try again for as long as it takes. `contended`: try again at once, a few times. `fault`: it will not pass. */
export function databaseFault(error: unknown): 'away' | 'contended' | 'fault' {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (CONTENDED.test(code)) return 'contended';
    if (
      AWAY.test(code) ||
      /connection terminated|not queryable|timeout exceeded when trying to connect|cannot use a pool/i.test(cause.message)
    ) {
      return 'away';
    }
  }
  return 'fault';
}

/** Returns when PostgreSQL answers; rejects where it does not. */
export async function pingDatabase(db: Database): Promise<void> {
  await db.execute(sql`select 1`);
}
