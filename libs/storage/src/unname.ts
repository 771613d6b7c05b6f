/**
 * How an actor's id is told from what only looks like it, where it is to be taken out. Ids are chosen by hosts: `42`, `0`, `name`,
 * `open`. So an id is looked for where one can stand, as a value of its own; as a word in what people wrote; and in the model's own
 * sentences, which are full of numbers, where they name somebody. Names of members and numbers are nobody's id. Pure.
 */
import { credentialOf } from '@plimsoll/detection';
import { escaped, namesId, replaceId } from './id-in-text.js';

/** Stands where a name was. */
export const ERASED = 'erased';

/** What a person wrote, without the id. */
export const unnamedText = (text: string, actor: string): string => replaceId(text, actor, () => ERASED);

/**
 * A sentence of the model about somebody else, without the id. It names the owner of a credential, in words that are known; what else
 * may be the id is one of its numbers, or a word of an endpoint.
 * @param listed whether what the sentence belongs to lists the actor: then every word of it that is no number is taken for the id.
 */
export function unnamedSentence(sentence: string, actor: string, listed: boolean): string {
  const told = sentence.replaceAll(credentialOf(actor), () => credentialOf(ERASED));
  if (!listed || /^[\d.,]+$/.test(actor)) return told;
  return told.replace(new RegExp(`(?<![\\w/-])${escaped(actor)}(?![\\w-])`, 'g'), () => ERASED);
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the id stands in a place for one, or in a sentence of the model, however deep: in a JSON value as the API has them. */
export function namesIn(value: unknown, actor: string): boolean {
  if (Array.isArray(value)) return value.some((item) => namesIn(item, actor));
  if (!isFields(value)) return false;
  return Object.entries(value).some(([member, inner]) => isNamed(value, member, inner, actor) || namesIn(inner, actor));
}

/** Settings have a list, what was found has it with a total. */
const listOf = (value: unknown): unknown[] => {
  const items = isFields(value) ? value['items'] : value;
  return Array.isArray(items) ? items : [];
};

function isNamed(within: Fields, member: string, value: unknown, actor: string): boolean {
  if (member === 'actor' || (member === 'id' && within['type'] === 'actor')) return value === actor;
  if (member === 'actors') return listOf(value).includes(actor);
  return ['explanation', 'reason'].includes(member) && typeof value === 'string' && value.includes(credentialOf(actor));
}

/** Filters of a saved view that look for somebody; all others are names of kinds and states, ids of ours, and times. */
const LOOKS_FOR = new Set(['subject', 'subjectId', 'actor', 'text', 'path']);

/** Whether a saved view looks for the actor. @param search the query part of an address, whoever wrote it */
export const looksFor = (search: string, actor: string): boolean =>
  [...new URLSearchParams(search)].some(([name, value]) => LOOKS_FOR.has(name) && namesId(value, actor));
