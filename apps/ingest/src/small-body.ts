/** A small JSON body, checked by its schema: what instances say beside their request logs. */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type MemoryBudget, readBody } from './body.js';
import { ProblemError } from './problem.js';

const MAX_BYTES = 2_048;

/**
 * @param name with its article: `a receipt`.
 * @throws ProblemError `too-large`, or `invalid-body` with what is wrong.
 */
export async function readSmall<T extends z.ZodType>(
  raw: IncomingMessage,
  memory: MemoryBudget,
  schema: T,
  name: string,
): Promise<z.output<T>> {
  const tooLarge = () => new ProblemError('too-large', `The body is too large for ${name}`);
  if (Number(raw.headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge();
  const share = memory.share();
  try {
    const body = await readBody(raw, share);
    if (body.length > MAX_BYTES) throw tooLarge();
    const read = schema.safeParse(parse(body));
    if (read.success) return read.data;
    throw new ProblemError('invalid-body', `The body is not ${name}`, {
      errors: read.error.issues.map(({ path, message }) => ({ field: path.join('.'), reason: message })),
    });
  } finally {
    share.release();
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
