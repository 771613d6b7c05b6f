/** What list operations share: the cursor of a query. */
import { type Cursor, decodeCursor } from '@plimsoll/storage';
import { ProblemError } from '../http/problem.js';

/** @throws ProblemError `bad-request` for a text that is none of our cursors. */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const cursor = decodeCursor(text);
  if (cursor) return cursor;
  const errors = [{ field: 'query.cursor', reason: 'not a cursor of this list' }];
  throw new ProblemError('bad-request', 'The cursor is not one that this API gave out.', { errors });
}
