/**
 * Rows that may hold a text, as PostgreSQL finds them: whether it stands there as what is looked for is judged by whoever reads them. So
 * that none is missed, rows are found in every spelling that id-in-text.ts knows.
 */
import { credentialOf } from '@plimsoll/detection';
import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { escapesOf } from './id-in-text.js';

export const holds = (column: PgColumn | SQL, text: string) => sql`strpos(${column}::text, ${text}) > 0`;
/** As a text stands within JSON. */
export const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** An id in a text or within JSON: as it is, or percent-encoded in whichever characters. */
export const mayName = (column: PgColumn | SQL, id: string) =>
  sql`(${holds(column, id)} or ${holds(column, inJson(id))} or (${holds(column, '%')} and ${column}::text ~ ${spellingsOf(id)}))`;

/** An id in what may also be a sentence of the model, which shortens long ones. */
export const mayTell = (column: PgColumn | SQL, id: string) =>
  sql`(${mayName(column, id)} or ${holds(column, credentialOf(id))} or ${holds(column, inJson(credentialOf(id)))})`;

/** An expression of PostgreSQL: each character as it is, as in JSON, or as its escapes. */
function spellingsOf(id: string): string {
  const ways = (character: string) => [...new Set([character, inJson(character)].map(literal)), escapesOf(character)];
  return [...id].map((character) => `(?:${ways(character).join('|')})`).join('');
}

/** Behind a backslash a letter would be a class or a back reference. */
const literal = (text: string): string => text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
