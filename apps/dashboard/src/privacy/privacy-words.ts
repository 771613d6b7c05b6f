/** What the console says of pseudonyms and erasures. Pure. */
import { type Erasure, PSEUDONYM_FORM } from '@plimsoll/contracts';
import { exact } from '../format.js';

/** Whether a text stands for an actor whose id is hidden. */
export const isPseudonym = (text: string): boolean => PSEUDONYM_FORM.test(text);

/** What goes, as the workers do it (docs/privacy.md). */
export const GOES: readonly string[] = [
  'What was learnt of it, in every service, in memory and on disk',
  'Its requests in the history',
  'Alerts about it, with their requests, comments and histories; its place in alerts about others',
  'Decisions about it: a block in force ends',
  'Its place in settings, saved views and backtests',
];
export const STAYS =
  'The audit keeps its rows: a chain, in which nothing can be changed. They name the user by a pseudonym alone.';

export interface EraseDraft {
  /** An id, or a pseudonym. */
  actor: string;
  /** The same once more, typed by hand. */
  again: string;
  reason: string;
}

/** What still stands in the way; undefined where nothing does. */
export function eraseFault({ actor, again, reason }: EraseDraft): { field: keyof EraseDraft; says: string } | undefined {
  if (actor === '') return { field: 'actor', says: 'Whom?' };
  if (reason.trim() === '') return { field: 'reason', says: 'The audit keeps why.' };
  // Not trimmed: an id may begin or end with a space, and then that is another actor.
  return again === actor ? undefined : { field: 'again', says: 'This is not the same.' };
}

/** How far an erasure has come, in a few words. */
export function progressText({ doneAt, erased }: Pick<Erasure, 'doneAt' | 'erased'>): string {
  const removed = erased.reduce((sum, { count }) => sum + count, 0);
  if (doneAt !== null) return removed === 0 ? 'Done: nothing was there.' : `Done: ${exact(removed)} removed.`;
  return removed === 0 ? 'The workers are at it.' : `The workers are at it: ${exact(removed)} removed so far.`;
}
