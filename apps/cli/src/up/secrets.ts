/**
 * The secrets that outlive a run, in one file that its owner alone may read: the master key that encrypts signing keys,
 * the feed's key that encrypts those of the decision feed, and the text of the demo's ingest key, of which the database has only a hash.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../fault.js';

const secretsSchema = z.object({
  /** 32 bytes, base64url. */
  masterKey: z.string().regex(/^[\w-]{43}$/),
  /** 32 bytes, base64url; absent in folders of before the feed was signed. */
  feedKey: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional(),
  demoKey: z.string().optional(),
});
export type Secrets = z.infer<typeof secretsSchema> & { feedKey: string };

const pathIn = (folder: string) => join(folder, 'secrets.json');

/** The kept secrets; made where there are none. A damaged file is a Fault: a new master key would lock everybody out. */
export async function readSecrets(folder: string): Promise<Secrets> {
  let text: string;
  try {
    text = await readFile(pathIn(folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return made(folder, { masterKey: newSecret() });
  }
  const parsed = secretsSchema.safeParse(parse(text));
  if (parsed.success) return made(folder, parsed.data);
  throw new Fault(`${pathIn(folder)} is damaged: restore it from a backup, or remove ${folder} to start anew.`);
}

const newSecret = () => randomBytes(32).toString('base64url');

async function made(folder: string, found: z.infer<typeof secretsSchema>): Promise<Secrets> {
  if (found.feedKey !== undefined) return { ...found, feedKey: found.feedKey };
  const secrets = { ...found, feedKey: newSecret() };
  await writeSecrets(folder, secrets);
  return secrets;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Beside and renamed, so that a crash never leaves half a file. */
export async function writeSecrets(folder: string, secrets: Secrets): Promise<void> {
  await writeFile(`${pathIn(folder)}.new`, JSON.stringify(secrets), { mode: 0o600, flush: true });
  await rename(`${pathIn(folder)}.new`, pathIn(folder));
}
