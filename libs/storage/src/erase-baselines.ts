/**
 * Removes one actor from what a shard has learnt and from its dead letters, in Redis, under the shard's fence. What is its own
 * goes; what is somebody else's and names it (an address's list of accounts, an open finding) goes as a whole and is learnt anew,
 * since a list without one of its members would be a false one.
 */
import type { Redis } from 'ioredis';
import { loadBaselines, saveBaselines } from './baselines.js';
import type { Lease } from './leases.js';
import { openQueue } from './queue.js';

const LETTERS = 1_000;

/** JSON within JSON within JSON: an open finding names its subject in a key, and stands in a value. */
const DEPTH = 3;

/** Whether the id stands in a text as a JSON string, or as a part of one between separators, however deep, and in ASCII alone too. */
export function namesActor(actor: string): (text: string) => boolean {
  const nested = [actor];
  for (let depth = 0; depth < DEPTH; depth += 1) nested.push(JSON.stringify(nested.at(-1)).slice(1, -1));
  const forms = [...new Set(nested.flatMap((form) => [form, form.replace(/[^\x20-\x7e]/g, inAscii)]))];
  const words = forms.map((form) => form.replace(/[^\w\s]/g, '\\$&'));
  const pattern = new RegExp(`(?<=["\\s\\0]|\\\\[nrt0]|\\\\u00[01][0-9a-f])(${words.join('|')})(?=["\\s\\0\\\\])`);
  return (text) => forms.some((form) => text.includes(form)) && pattern.test(`\n${text}\n`);
}

/** Members of what a model keeps that hold words of ours, names of services or endpoints, or a sentence: nobody's id. */
const OURS = new Set(
  'type kind severity phase service unit entity endpoint where method verdict timing auth explanation'.split(' '),
);
/** Before a path, in the name of an endpoint. */
const METHOD = /^[A-Z-]{1,20} (?=\/)/;
const TYPES = new Set(['actor', 'address', 'credential', 'endpoint', 'service']);

/** Texts of a JSON value, however deep, without names of members and what is {@link OURS}. */
function textsIn(value: unknown, actor: string, member = ''): string[] {
  if (typeof value === 'string') return OURS.has(member) ? [] : textsOf(value, actor);
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, actor, member));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, actor, name));
}

/** A text, or what stands in one that is a key of ours: a list that begins with a service, or with a kind and a service. */
function textsOf(text: string, actor: string): string[] {
  const start = text.indexOf('[');
  const parts: unknown = start < 0 || text === actor ? undefined : parsed(text.slice(start));
  if (!Array.isArray(parts) || typeof parts[0] !== 'string') return [text === actor ? text : text.replace(METHOD, '')];
  const first = typeof parts[1] === 'string' && typeof parts[2] === 'number' && TYPES.has(String(parts[3])) ? 2 : 1;
  const rest = parts.slice(first);
  const at = rest.findIndex((part) => typeof part === 'string');
  return textsIn(at >= 0 && TYPES.has(rest[at]) && rest.length > at + 1 ? rest.toSpliced(at, 1) : rest, actor);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A state is JSON behind a byte that says its version, or packed otherwise. */
function textOf(state: Uint8Array, actor: string): string {
  const text = Buffer.from(state).toString('latin1');
  const value = parsed(text.slice(1));
  return value === undefined ? text : JSON.stringify(textsIn(value, actor));
}

const inAscii = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * To be called by who holds the shard, after a snapshot and before it is taken anew: what is in memory is not changed.
 *
 * @returns how many entities were removed; undefined where a later generation holds the shard.
 */
export async function eraseFromBaselines(
  redis: Redis,
  namespace: string,
  lease: Lease,
  actor: string,
): Promise<number | undefined> {
  const { seq, entries } = await loadBaselines(redis, namespace, lease.shard);
  const names = namesActor(actor);
  const isNamed = ([key, state]: [string, Uint8Array]) => {
    // Nearly all that a shard knows is somebody else's, and need not be read.
    if (!names(key) && !names(Buffer.from(state).toString('latin1'))) return false;
    return names(JSON.stringify(textsOf(key, actor))) || names(textOf(state, actor));
  };
  const gone = entries.filter(isNamed).map(([key]) => key);
  if (gone.length === 0) return 0;
  return (await saveBaselines(redis, namespace, lease, seq, { puts: [], deletes: gone })) ? gone.length : undefined;
}

/** Dead letters that name the actor are given up. @returns how many. */
export async function eraseDeadLetters(redis: Redis, namespace: string, shard: number, actor: string): Promise<number> {
  const queue = await openQueue(redis, namespace, shard);
  try {
    const names = namesActor(actor);
    const failed = await queue.getFailed(0, LETTERS);
    const named = failed.filter((job) => names(JSON.stringify(textsIn(job.data, actor))));
    for (const job of named) await job.remove();
    return named.length;
  } finally {
    await queue.close();
  }
}
