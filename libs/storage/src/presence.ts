/**
 * Who is there: how many distinct sources a service has had in the last minutes, and how many accounts stood behind an
 * address, over all workers. HyperLogLogs in Redis, one a service and five minutes (12 KiB at most, an error of 0.8 %),
 * and one for each address with several accounts; all gone after a quarter of an hour. It bounds what policies may block
 * (maxShare), so that an estimate is enough.
 */
import type { Redis } from 'ioredis';

/** What is read covers this period and the one before it. */
export const PRESENCE_MS = 300_000;
const KEPT_SECONDS = 900;

export interface Present {
  /** Ids of sources, each as often as one likes. */
  sources: readonly string[];
  /** Accounts behind addresses. */
  behind: readonly (readonly [address: string, actor: string])[];
}

/** The braces keep what is counted together on one node of a cluster. */
const nameOf = (namespace: string, service: string, period: number) => `{${namespace}:present:${service}}:${period}`;

/** `now` in milliseconds, here and below. */
export async function markPresent(
  redis: Redis,
  namespace: string,
  service: string,
  now: number,
  { sources, behind }: Present,
): Promise<void> {
  const name = nameOf(namespace, service, Math.floor(now / PRESENCE_MS));
  const accounts = new Map<string, string[]>();
  for (const [address, actor] of behind) accounts.set(address, [...(accounts.get(address) ?? []), actor]);
  const commands: [string, ...(string | number)[]][] = [];
  if (sources.length > 0) commands.push(['pfadd', name, ...sources], ['expire', name, KEPT_SECONDS]);
  for (const [address, actors] of accounts) {
    commands.push(['pfadd', `${name}:${address}`, ...actors], ['expire', `${name}:${address}`, KEPT_SECONDS]);
  }
  if (commands.length === 0) return;
  for (const [error] of (await redis.pipeline(commands).exec()) ?? []) if (error) throw error;
}

/** Live sources of a service, and the accounts behind each of these addresses: 0 where there were fewer than two. */
export async function readPresent(
  redis: Redis,
  namespace: string,
  service: string,
  now: number,
  addresses: readonly string[],
): Promise<{ live: number; behind: Map<string, number> }> {
  const period = Math.floor(now / PRESENCE_MS);
  const names = [period, period - 1].map((each) => nameOf(namespace, service, each));
  const live = await redis.pfcount(...names);
  const behind = new Map<string, number>();
  for (const address of new Set(addresses))
    behind.set(address, await redis.pfcount(...names.map((name) => `${name}:${address}`)));
  return { live, behind };
}
