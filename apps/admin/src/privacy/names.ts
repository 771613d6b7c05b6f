/**
 * Where ids of actors stand in what the API says, as a walk over its JSON: as the id of a subject or party, as a member
 * that is named for it, and in texts that speak of one of those. Pure; which name stands for which id comes from outside.
 */
import { pseudonymSchema } from '@plimsoll/contracts';
import { replaceId } from '@plimsoll/storage';
import { inEndpoint, standInFor } from './spellings.js';

/** Members that hold an actor's id, or a list of them, of `{id}`, or `{items}` with a total. */
const ONE = new Set(['actor', 'actorId']);
const MANY = new Set(['actors']);
/** Members in whose text an id may stand as a word: explanations, what people wrote, paths that name their user. */
const TEXTS = new Set(['explanation', 'reason', 'note', 'text', 'path', 'endpoint', 'userAgent', 'object', 'summary']);
/** An alert about a campaign names a thousand actors, and its texts none of them. */
const MAX_WORDS = 50;
/** All that lies below these is text as somebody once put it in: what was changed, and lists of what requests were about. */
const LOOSE = new Set(['before', 'after', 'detail', 'patch', 'params', 'body', 'endpoints', 'devices', 'steps']);

/** Members that name endpoints, from which they are asked for again. */
const ENDPOINTS = new Set(['endpoint', 'endpoints', 'steps']);

type Visit = (id: string) => string;

const isList = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

const isContacts = (value: unknown): value is { id: string }[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof (item as { id?: unknown } | null)?.id === 'string');

interface Walk {
  /** What becomes of an id, and of a text that may speak of one, by the member in which it stands. */
  change: Visit;
  text: (said: string, member: string) => string;
  /** What becomes of an item of a list; {@link walk} where it is absent. */
  item?: (item: unknown, loose: boolean) => unknown;
}

function walk(value: unknown, how: Walk, loose = false, within = ''): unknown {
  const { change, text, item = (one: unknown) => walk(one, how, loose, within) } = how;
  if (typeof value === 'string') return loose ? text(value, within) : value;
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'object' ? item(one, loose) : walk(one, how, loose, within)));
  if (typeof value !== 'object' || value === null) return value;
  const isActor = (value as { type?: unknown }).type === 'actor';
  const isAbout = (value as { subjectType?: unknown }).subjectType === 'actor';
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const names = ONE.has(name) || (isActor && name === 'id') || (isAbout && name === 'subjectId');
      if (names && typeof member === 'string') return [name, change(member)];
      if (MANY.has(name) && isContacts(member)) return [name, member.map((one) => ({ ...one, id: change(one.id) }))];
      if (MANY.has(name) && isList(member)) return [name, member.map(change)];
      if (MANY.has(name) && isList((member as { items?: unknown } | null)?.items)) {
        const { items } = member as { items: string[] };
        return [name, { ...(member as object), items: items.map(change) }];
      }
      if (TEXTS.has(name) && typeof member === 'string') return [name, text(member, name)];
      return [name, walk(member, how, loose || LOOSE.has(name), name)];
    }),
  );
}

/** Every id that stands in a place for one. */
export function actorsIn(value: unknown): Set<string> {
  const found = new Set<string>();
  const note = (id: string) => {
    found.add(id);
    return id;
  };
  walk(value, { change: note, text: (said) => said });
  return found;
}

/**
 * A copy of `value` with `names.get(id)` in the place of each id. In texts those ids are looked for that the item of a
 * list and what it stands in name, the first {@link MAX_WORDS} of each: longer ones first, as words of their own.
 * @param always ids that are looked for in every text.
 */
export function renamed<T>(value: T, names: ReadonlyMap<string, string>, always: readonly string[] = []): T {
  const change = (id: string) => names.get(id) ?? id;
  const within =
    (outer: readonly string[]) =>
    (one: unknown, loose: boolean): unknown => {
      const own = [...actorsIn(one)].slice(0, MAX_WORDS);
      const words = [...new Set([...own, ...outer, ...always])].filter((id) => names.has(id)).sort((a, b) => b.length - a.length);
      const text = (said: string, member: string) =>
        words.reduce((hidden, id) => {
          const name = change(id);
          return replaceId(hidden, id, ENDPOINTS.has(member) ? standInFor(id, name) : () => name);
        }, said);
      return walk(one, { change, text, item: within(own) }, loose);
    };
  return within([])(value, false) as T;
}

/** What stands by now in what is changed part by part: the names of its endpoints, and whom it lists. */
export interface Standing {
  endpoints: ReadonlySet<string>;
  actors: ReadonlySet<string>;
}

/**
 * A copy of what was sent in which pseudonyms became the ids of `actors`, where an id stands. In the name of an endpoint
 * only those that stand for an actor elsewhere in it: the answer then has a place by which the id is hidden in that name too.
 * @param standing of what is kept and read again, part by part: a name becomes one that stands there by now, and no other, since
 *   the actor beside it may leave. `left` is told of every name that therefore keeps its pseudonym.
 */
export function resolvedBody<T>(
  body: T,
  actors: ReadonlyMap<string, string>,
  standing?: Standing & { left: (name: string) => void },
): T {
  const named = actorsIn(body);
  const isNamed = (name: string) => named.has(name) || standing?.actors.has(actors.get(name) ?? '') === true;
  const idOf = (name: string) => (isNamed(name) ? (actors.get(name) ?? name) : name);
  const text = (said: string, member: string) => {
    if (!ENDPOINTS.has(member)) return said;
    const name = inEndpoint(said, idOf);
    if (standing === undefined || standing.endpoints.has(name)) return name;
    if (inEndpoint(said, (each) => actors.get(each) ?? each) !== said) standing.left(said);
    return said;
  };
  return walk(body, { change: idOf, text }) as T;
}

/** Fields of a query that hold an id as a whole. */
const ASKED = ['subject', 'subjectId', 'actor', 'text'];

/**
 * As {@link resolvedBody}, of a query. Who asks for a part of a subject's name by a pseudonym means that one actor: others,
 * whose ids hold its id, would be told apart by it.
 * @param exact whether the operation can be asked for exactly one subject.
 */
export function resolvedQuery(
  query: Record<string, unknown>,
  actors: ReadonlyMap<string, string>,
  exact = false,
): Record<string, unknown> {
  const part = ['subject', 'text'].find((name) => isPseudonym(query[name]) && actors.has(query[name]));
  if (exact && part !== undefined && query['subjectId'] === undefined) {
    const { [part]: subjectId, ...rest } = query;
    return resolvedQuery({ ...rest, subjectType: 'actor', subjectId }, actors);
  }
  const idOf = (name: string) => actors.get(name) ?? name;
  const field = ([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value !== 'string') return [name, value];
    if (name === 'endpoint') return [name, inEndpoint(value, idOf)];
    return [name, ASKED.includes(name) ? idOf(value) : value];
  };
  return Object.fromEntries(Object.entries(query).map(field));
}

export const isPseudonym = (text: unknown): text is string => pseudonymSchema.safeParse(text).success;
