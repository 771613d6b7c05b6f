/**
 * Keyset cursors of lists that run by a time, mostly from the newest to the oldest: the time and id of the last row seen. They
 * are opaque to clients but carry no authority, so they are checked for form, not signed.
 */
import { and, eq, gt, lt, or, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

export interface Cursor {
  /** Milliseconds since the epoch. */
  at: number;
  id: string;
}

const FORM = /^(\d{1,16}) ([A-Za-z0-9_-]{1,80})$/;

export const encodeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at} ${id}`).toString('base64url');

/** Undefined where the text is not one of our cursors in its one canonical form. */
export function decodeCursor(text: string): Cursor | undefined {
  const [, at, id] = FORM.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (at === undefined || id === undefined) return undefined;
  const cursor = { at: Number(at), id };
  return encodeCursor(cursor) === text ? cursor : undefined;
}

/** Rows behind the cursor in the order (at descending, id ascending). */
export function behind(cursor: Cursor | undefined, at: PgColumn, id: PgColumn): SQL | undefined {
  return cursor && or(lt(at, cursor.at), and(eq(at, cursor.at), gt(id, cursor.id)));
}

/** Rows behind the cursor in the order (at ascending, id ascending). */
export function ahead(cursor: Cursor | undefined, at: PgColumn, id: PgColumn): SQL | undefined {
  return cursor && or(gt(at, cursor.at), and(eq(at, cursor.at), gt(id, cursor.id)));
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** A page of at most `limit` of `rows`, which were asked for with `limit + 1`. */
export function toPage<R, T>(rows: R[], limit: number, toItem: (row: R) => T, position: (row: R) => Cursor): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null,
  };
}
