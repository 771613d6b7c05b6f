/**
 * A redis-server for Debian and Ubuntu without installing one, as root or not: apt says which packages it would install,
 * they are downloaded (2 to 4 MB), and `dpkg-deb` unpacks them into a folder of ours. The system stays untouched: apt only
 * simulates, and where the machine has no package lists they are fetched into a private folder.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { textOf } from '../fault.js';
import { type RedisBinary, usable } from './redis-binary.js';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
/** Where a Debian package may keep the server's binary, best first. */
const binaries = ['usr/bin/redis-server', 'usr/bin/valkey-server', 'usr/bin/redis-check-rdb', 'usr/bin/valkey-check-rdb'];

type Apt = (tool: 'apt-get' | 'apt-cache', args: string[]) => Promise<string>;

function aptIn(cwd: string, options: string[]): Apt {
  return async (tool, args) => {
    const quiet = ['-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=', '-o', 'Acquire::Retries=2'];
    const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
    const { stdout } = await run(tool, [...quiet, ...options, ...args], { cwd, env, timeout: TIMEOUT_MS, maxBuffer: 1 << 26 });
    return stdout;
  };
}

/** Packages that apt would add for one that brings a server: only what this machine lacks. */
async function packagesFor(apt: Apt): Promise<string[]> {
  for (const name of ['redis-server', 'valkey-server']) {
    const plan = await apt('apt-get', ['-s', '-y', '--no-install-recommends', 'install', name]).catch(() => '');
    const packages = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap((match) => match[1] ?? []);
    if (packages.length > 0) return packages;
  }
  return directPackages(apt);
}

/** apt makes no plan while another package of the system is broken: then the server's package and what it names itself. */
async function directPackages(apt: Apt): Promise<string[]> {
  for (const name of ['redis-tools', 'valkey-tools', 'redis-server']) {
    const text = await apt('apt-cache', ['depends', '--important', name]).catch(() => '');
    const names = [...text.matchAll(/^ +\|?(?:Pre)?Depends: ([a-z0-9][\w.+-]*)$/gm)].flatMap((match) => match[1] ?? []);
    // The system's own C library must serve: two of them do not mix.
    const libraries = names.filter(
      (found) => !/^(libc6|libgcc-s1|adduser|init-system-helpers|lsb-base|sysvinit-utils)$/.test(found),
    );
    if (libraries.length > 0) return [name, ...new Set(libraries)];
  }
  return [];
}

/** `usr/lib/x86_64-linux-gnu` and the like: every folder below `lib` that holds a shared library. */
async function libraryFolders(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const folders = files.filter(({ name }) => /\.so(\.|$)/.test(name)).map((file) => file.parentPath);
  return [...new Set(folders)];
}

async function downloaded(work: string, onProgress: (line: string) => void): Promise<string[]> {
  let apt = aptIn(work, []);
  let packages = await packagesFor(apt);
  const isThere = (names: string[]) =>
    apt('apt-get', ['download', ...names]).then(
      () => true,
      () => false,
    );
  if (packages.length === 0 || !(await isThere(packages))) {
    onProgress('fetching package lists into a private folder');
    await mkdir(join(work, 'lists', 'partial'), { recursive: true });
    await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
    apt = aptIn(work, ['-o', `Dir::State::lists=${work}/lists`, '-o', `Dir::Cache=${work}/cache`]);
    await apt('apt-get', ['-o', 'Acquire::Languages=none', 'update']);
    packages = await packagesFor(apt);
    if (packages.length > 0) await apt('apt-get', ['download', ...packages]);
  }
  return (await readdir(work)).filter((name) => name.endsWith('.deb'));
}

/** Unpacks a server into `folder` and notes the binary in `folder/binary.json`; undefined where that cannot be done. */
export async function unpackRedis(folder: string, onProgress: (line: string) => void): Promise<RedisBinary | undefined> {
  if (process.platform !== 'linux') return undefined;
  onProgress('no redis-server found: fetching one with apt-get into the data folder');
  const work = await mkdtemp(join(tmpdir(), 'plimsoll-redis-'));
  try {
    const packages = await downloaded(work, onProgress);
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(`${folder}.new`, { recursive: true });
    for (const name of packages) await run('dpkg-deb', ['-x', join(work, name), `${folder}.new`], { timeout: TIMEOUT_MS });
    for (const extra of ['usr/share', 'etc', 'var']) await rm(join(`${folder}.new`, extra), { recursive: true, force: true });
    await rename(`${folder}.new`, folder);
    return await noteBinary(folder);
  } catch (error) {
    onProgress(`no redis-server by apt-get: ${textOf(error).split('\n').slice(0, 3).join(' ')}`);
    return undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(`${folder}.new`, { recursive: true, force: true });
  }
}

async function noteBinary(folder: string): Promise<RedisBinary | undefined> {
  const env = { LD_LIBRARY_PATH: (await libraryFolders(folder)).join(':') };
  // Where redis-tools is installed, apt leaves it out of the plan: the system's own binary serves.
  for (const command of [...binaries.map((path) => join(folder, path)), ...binaries.map((path) => `/${path}`)]) {
    const found = usable(command, env);
    if (!found) continue;
    await writeFile(join(folder, 'binary.json'), JSON.stringify(found));
    return found;
  }
  return undefined;
}
