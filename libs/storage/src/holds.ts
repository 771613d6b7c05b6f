/** Rows that may hold a text, as PostgreSQL finds them: whether it stands there as what is looked for is judged by whoever reads them. */
import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

export const holds = (column: PgColumn | SQL, text: string) => sql`strpos(${column}::text, ${text}) > 0`;
/** As a text stands within JSON. */
export const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
/** As a whole, or percent-encoded in the usual way, in either case of hex. */
export const mayName = (column: PgColumn | SQL, id: string) =>
  sql`(${holds(column, id)} or strpos(lower(${column}::text), ${encodeURIComponent(id).toLowerCase()}) > 0)`;
