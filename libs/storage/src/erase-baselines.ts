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
  const gone = entries.filter(([key, state]) => names(key) || names(Buffer.from(state).toString('latin1'))).map(([key]) => key);
  if (gone.length === 0) return 0;
  return (await saveBaselines(redis, namespace, lease, seq, { puts: [], deletes: gone })) ? gone.length : undefined;
}

/** Dead letters that name the actor are given up. @returns how many. */
export async function eraseDeadLetters(redis: Redis, namespace: string, shard: number, actor: string): Promise<number> {
  const queue = await openQueue(redis, namespace, shard);
  try {
    const names = namesActor(actor);
    const failed = await queue.getFailed(0, LETTERS);
    const named = failed.filter((job) => names(JSON.stringify(job.data)));
    for (const job of named) await job.remove();
    return named.length;
  } finally {
    await queue.close();
  }
}
