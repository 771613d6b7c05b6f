/**
 * Where to ship to: the server and key that are named, else the product that runs on this machine. There the service and
 * its key are made once; the key is remembered in the data folder, readable by its owner alone.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKey, createService, findKeyByPrefix, hasEnded, openDatabase, readKeyText, secretMatches } from '@plimsoll/storage';
import { z } from 'zod';
import { Fault } from '../fault.js';
import { readRun } from '../up/data-folder.js';

export interface Target {
  url: string;
  key: string;
  /** Of the console, where it is known. */
  console: string | undefined;
}

export interface TargetOptions {
  service: string;
  data: string;
  url: string | undefined;
  key: string | undefined;
}

export async function findTarget({ service, data, url, key }: TargetOptions): Promise<Target> {
  if (url !== undefined && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new Fault(`${url} is no http:// or https:// address of an ingestion server.`);
  }
  if (url !== undefined && key !== undefined) return { url, key, console: undefined };
  if (url !== undefined) throw new Fault(`--url needs --key, an ingest key of ${service} on ${url} (or PLIMSOLL_KEY).`);
  const run = await readRun(data);
  if (!run) {
    throw new Fault(
      `No Plimsoll runs on ${data}: start it with npm start, or name a server and a key of the service with --url and --key ` +
        '(PLIMSOLL_URL and PLIMSOLL_KEY).',
    );
  }
  return { url: run.urls.ingest, console: run.urls.admin, key: key ?? (await ownKey(data, service, run.databaseUrl)) };
}

/** The remembered key where it is still good, else a new one. */
async function ownKey(data: string, service: string, databaseUrl: string): Promise<string> {
  const path = join(data, 'ship', 'keys.json');
  const keys = await readKeys(path);
  const remembered = Object.hasOwn(keys, service) ? keys[service] : undefined;
  const { db, close } = openDatabase(databaseUrl, { max: 1 });
  try {
    const parts = remembered === undefined ? undefined : readKeyText(remembered);
    if (remembered !== undefined && parts) {
      const stored = await findKeyByPrefix(db, parts.prefix);
      const good = secretMatches(stored, parts.secret) && stored.key.service === service && !hasEnded(stored.key, Date.now());
      if (good) return remembered;
    }
    // As one that a person adds in the console: policies only say what they would do.
    await createService(db, { id: service, policy: 'block', dryRun: true }, Date.now());
    const { secret } = await createKey(db, { service, name: 'ship', scopes: ['ingest:write'] }, Date.now());
    await writeKeys(path, { ...keys, [service]: secret });
    return secret;
  } finally {
    await close();
  }
}

async function readKeys(path: string): Promise<Record<string, string>> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}

async function writeKeys(path: string, keys: Record<string, string>): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify(keys), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
