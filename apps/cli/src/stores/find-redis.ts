/**
 * Where a redis-server comes from: the PATH, Homebrew, one unpacked earlier, or the system's own package unpacked into
 * a folder of ours (unpack-redis.ts). Nothing is ever installed into the system.
 */
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Fault } from '../fault.js';
import { type RedisBinary, usable } from './redis-binary.js';
import { unpackRedis } from './unpack-redis.js';

const brewPrefixes = ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'];

/** Paths to try, best first. */
function candidates(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const names = ['redis-server', 'valkey-server'];
  const brew = brewPrefixes.flatMap((prefix) => [
    join(prefix, 'bin/redis-server'),
    join(prefix, 'opt/redis/bin/redis-server'),
    join(prefix, 'opt/valkey/bin/valkey-server'),
  ]);
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...brew];
}

/** The server unpacked in `folder` by an earlier run. */
async function unpackedEarlier(folder: string): Promise<RedisBinary | undefined> {
  try {
    const { command, env }: RedisBinary = JSON.parse(await readFile(join(folder, 'binary.json'), 'utf8'));
    return usable(command, env);
  } catch {
    return undefined;
  }
}

/**
 * A redis-server or valkey-server that runs here. `folder` is where one may be unpacked. Throws a Fault with the docker
 * command to run when there is none.
 */
export async function findRedis(folder: string, onProgress: (line: string) => void): Promise<RedisBinary> {
  for (const command of candidates()) {
    const found = usable(command);
    if (found) return found;
  }
  const found = (await unpackedEarlier(folder)) ?? (await unpackRedis(folder, onProgress));
  if (found) return found;
  throw new Fault(
    'No redis-server was found and none could be fetched: install Redis or Valkey (Debian and Ubuntu: apt-get install redis-server; ' +
      'macOS: brew install redis), or run `docker run -d -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes ' +
      '--maxmemory-policy noeviction` and start again with REDIS_URL=redis://127.0.0.1:6379.',
  );
}
