/**
 * The private PostgreSQL: real server binaries from the npm package, loopback only, no socket file, one role that owns
 * its database and may create others (tests do) but is no superuser; the superuser cannot log in at all. It hides the
 * first initialisation, the user that runs it, the port and what kill -9 leaves behind.
 */
import { execFile } from 'node:child_process';
import { chmod, chown, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endLeftover, launch } from '../processes/launch.js';
import { type Place, placePostgres } from './postgres-place.js';
import type { Store, StoreOptions } from './redis.js';
import { freePort, noteProcess, readState, writeState } from './store-state.js';

const run = promisify(execFile);
const ROLE = 'plimsoll';
const ATTEMPTS = 3;
/** Only the one role, only from this machine, only by password. */
const ACCESS = `host all ${ROLE} 127.0.0.1/32 scram-sha-256\n`;

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' });

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Creates the cluster beside its final place and moves it there: PG_VERSION is written early, so half a cluster has one too.
 * Says whether there was none.
 */
async function initialise({ binaries, data, owner }: Place): Promise<boolean> {
  const cluster = join(data, 'cluster');
  if (await exists(join(cluster, 'PG_VERSION'))) return false;
  await rm(`${cluster}.new`, { recursive: true, force: true });
  const args = ['-D', `${cluster}.new`, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--auth=reject', '--no-instructions'];
  await run(join(binaries, 'bin', 'initdb'), args, { ...owner, cwd: '/', env: environment() });
  const access = join(`${cluster}.new`, 'pg_hba.conf');
  await writeFile(access, ACCESS);
  if (owner) await chown(access, owner.uid, owner.gid);
  await rename(`${cluster}.new`, cluster);
  return true;
}

/** Gives the role its password in single-user mode, which needs no log-in; creates role and database the first time. */
async function setPassword({ binaries, data, owner }: Place, password: string): Promise<void> {
  const single = run(join(binaries, 'bin', 'postgres'), ['--single', '-D', join(data, 'cluster'), 'postgres'], {
    ...owner,
    cwd: '/',
    env: environment(),
  });
  // The statements that find their object there already fail, and the rest goes on: wanted.
  const statements = [
    `create role ${ROLE} login createdb`,
    `alter role ${ROLE} password '${password}'`,
    `create database ${ROLE} owner ${ROLE}`,
  ];
  single.child.stdin?.end(`${statements.join('\n')}\n`);
  await single;
}

/**
 * After kill -9 the lock file names a process that is gone; when its number was reused, PostgreSQL takes the stranger for
 * itself and refuses. Our own number there tells it that the file is stale, and its check of shared memory still runs.
 */
async function disarmLock(cluster: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const lock = await readFile(path, 'utf8').catch(() => undefined);
  if (lock !== undefined) await writeFile(path, lock.replace(/^-?\d+/, String(process.pid)));
}

const settings = (port: number): string[] =>
  [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'log_destination=stderr',
    'logging_collector=off',
    'lc_messages=C',
    'timezone=UTC',
  ].flatMap((setting) => ['-c', setting]);

/** Starts PostgreSQL on the data in `dir`, initialised the first time. */
export async function startPostgres({ dir, port, onLog = () => {} }: StoreOptions): Promise<Store & { data: string }> {
  const state = await readState(dir);
  if (state.process) await endLeftover(state.process.pid, state.process.started, 'SIGINT');
  const place = await placePostgres(dir);
  const cluster = join(place.data, 'cluster');
  const created = await initialise(place);
  // A copy or a restored backup often has wider rights, and PostgreSQL refuses those.
  await chmod(cluster, 0o700);
  await disarmLock(cluster);
  if (created || state.fresh) {
    await setPassword(place, state.password);
    writeState(dir, state);
  }
  for (let attempt = 1; ; attempt += 1) {
    const chosen = port ?? (await freePort(attempt === 1 ? state.port : 0));
    try {
      const server = await launch({
        name: 'PostgreSQL',
        command: join(place.binaries, 'bin', 'postgres'),
        args: ['-D', cluster, ...settings(chosen)],
        env: environment(),
        ...(place.owner && { owner: place.owner }),
        ready: /database system is ready to accept connections/,
        // Fast shutdown: ends sessions, writes a checkpoint.
        stopSignal: 'SIGINT',
        onLine: onLog,
        onSpawned: (pid) => noteProcess(dir, state, chosen, pid),
      });
      const url = `postgres://${ROLE}:${state.password}@127.0.0.1:${chosen}/${ROLE}`;
      return { ...server, port: chosen, url, data: place.data };
    } catch (error) {
      const taken = error instanceof Error && /could not create any TCP\/IP sockets/.test(error.message);
      if (!taken || port !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}
