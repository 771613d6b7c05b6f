/**
 * The engine of the private history, fetched once: the native package of chDB for this platform, by npm and so from whatever
 * registry the machine uses, but only if it is, byte for byte, the one that was tried here. It is no entry of the lock file:
 * it is large (178 MB to fetch, 570 MB on disk), and not every mirror has the package of every platform.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

/** With the lowest priority: the product starts meanwhile. */
async function run(command: string, args: string[], options: { cwd?: string }): Promise<void> {
  const running = promisify(execFile)(command, args, { ...options, timeout: TIMEOUT_MS, maxBuffer: 1 << 24 });
  if (running.child.pid !== undefined) setPriority(running.child.pid, constants.priority.PRIORITY_LOW);
  await running;
}

const VERSION = '26.7.3-stable.1';
/** SHA-512 of each package, base64: platforms on which it was tried. */
const PACKAGES: Record<string, { name: string; sha512: string }> = {
  'linux-x64': {
    name: '@chdb/lib-linux-x64-gnu',
    sha512: 'XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==',
  },
};
/** The package, and what it unpacks to. */
const NEEDED_MB = 900;
const TIMEOUT_MS = 15 * 60_000;
const TELL_EVERY_MS = 15_000;

/** Where it is, or a sentence that says why it cannot be had. */
export type Fetched = { library: string } | { missing: string };

const isGlibc = () => {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime !== undefined;
};

function packageHere(): { name: string; sha512: string } | undefined {
  if (process.platform === 'linux' && !isGlibc()) return undefined;
  return PACKAGES[`${process.platform}-${process.arch}`];
}

/**
 * @param folder where engines are kept; one that is there is taken
 * @param say told what takes a while
 */
export async function fetchEngine(folder: string, say: (sentence: string) => void): Promise<Fetched> {
  const wanted = packageHere();
  if (wanted === undefined) {
    return { missing: `There is no engine for ${process.platform}-${process.arch}: set CLICKHOUSE_URL to keep a history` };
  }
  const library = join(folder, VERSION);
  if (existsSync(library)) return { library };
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMb < NEEDED_MB)
    return { missing: `Only ${freeMb} MB are free where the engine would lie, and ${NEEDED_MB} MB are needed` };
  const work = await mkdtemp(join(folder, 'fetching-'));
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1_000);
  say('fetching the engine once (178 MB) in the background');
  const timer = setInterval(() => say(`still fetching the engine (${seconds()} s)`), TELL_EVERY_MS);
  try {
    await unpack(await download(wanted, work), join(work, 'package'));
    // Where two fetched at once, the first one stays.
    if (!existsSync(library)) await rename(join(work, 'package'), library);
    say(`the engine is here (${seconds()} s)`);
    return { library };
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n').filter((text) => text.trim() !== '');
    return { missing: `The engine could not be fetched (${line}): it is tried again at the next start` };
  } finally {
    clearInterval(timer);
    await rm(work, { recursive: true, force: true });
  }
}

async function download({ name, sha512 }: { name: string; sha512: string }, work: string): Promise<string> {
  const args = ['pack', `${name}@${VERSION}`, '--ignore-scripts', '--loglevel=error', '--pack-destination', work];
  await run('npm', args, { cwd: work });
  const [file] = (await readdir(work)).filter((entry) => entry.endsWith('.tgz'));
  if (file === undefined) throw new Error('npm brought no package');
  const hash = createHash('sha512');
  await pipeline(createReadStream(join(work, file)), hash);
  if (hash.digest('base64') !== sha512) throw new Error('the package is not the one that was tried: its SHA-512 differs');
  return join(work, file);
}

async function unpack(file: string, folder: string): Promise<void> {
  await mkdir(folder);
  await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1'], {});
}
