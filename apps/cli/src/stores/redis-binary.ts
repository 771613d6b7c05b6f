/** A Redis server's binary: whether it starts here and is new enough. */
import { spawnSync } from 'node:child_process';

export interface RedisBinary {
  command: string;
  /** What the binary needs in its environment, such as where its libraries lie. */
  env: Record<string, string>;
}

/** BullMQ's minimum. */
const OLDEST = 5;

/**
 * The binary if it answers as a server. Debian keeps the server's binary under the name redis-check-rdb, and it acts by
 * the name that it is called by.
 */
export function usable(command: string, env: Record<string, string> = {}): RedisBinary | undefined {
  const { status, stdout } = spawnSync(command, ['--version'], {
    argv0: 'redis-server',
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 10_000,
  });
  const major = status === 0 ? Number(/\bv=(\d+)\./.exec(stdout)?.[1] ?? 0) : 0;
  return major >= OLDEST ? { command, env } : undefined;
}
