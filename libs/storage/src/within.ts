/** The wall in the query itself: which services' rows may be read. Every query of a list asks for it, so that none forgets it. */
import { inArray, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** Ids; `all` is for whoever asks on nobody's behalf. An empty list is nothing. */
export type Within = readonly string[] | 'all';

/** The condition for `where`; undefined where there is none. */
export const withinServices = (column: PgColumn, within: Within): SQL | undefined =>
  within === 'all' ? undefined : inArray(column, [...within]);
