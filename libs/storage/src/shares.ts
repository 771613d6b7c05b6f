/**
 * Throttles that add up, in Redis: one bucket a throttle for all instances of its service, kept by the generic cell rate
 * algorithm (ITU-T I.371), so that there is no window and no edge of one. What is handed out is taken from the bucket at
 * once; what was not used comes back with the instance's next word. So whatever instances do, and whichever ingest process
 * they ask, no more is handed out than the limit and one burst. Bounded; a throttle without room is left to its instances.
 */
import { createHash } from 'node:crypto';
import type { Demand, RateLimit, Share } from '@plimsoll/contracts';
import type { Redis } from 'ioredis';
import { announce, listen } from './channel.js';
import { SHARE_OUT } from './shares-script.js';

/** Of one service, with demand within the last minutes. */
export const MAX_SHARED_THROTTLES = 5_000;
export const MAX_SHARING_INSTANCES = 5_000;
/** What comes from an instance's word to the next has to fit in, and less than a tenth of a minute: 5 s of 60 are 8.3 %. */
const BURST_SECONDS = 5;
const BURST_PART = 1 / 12;
/** Demand of the last seconds counts: e-fold time. */
const MEMORY_MS = 2_000;
const KEPT_MS = 120_000;

/**
 * Requests that the instances of a service may admit at once: a twelfth of the limit (5 of 60), or five seconds of it where
 * its window is shorter than a minute, and at least 5 (or all, where the limit is smaller).
 */
export function sharedBurst({ requests, windowSeconds }: RateLimit): number {
  const least = Math.max(1, Math.min(5, Math.floor(requests)));
  return Math.max(least, Math.floor(requests * BURST_PART), Math.floor((requests / windowSeconds) * BURST_SECONDS));
}

export interface Asking {
  service: string;
  instance: string;
  demands: readonly Demand[];
  /** Until it will ask again, milliseconds. */
  everyMs: number;
  /** Milliseconds since the epoch; by default Redis's own clock, which is one for all ingest processes. */
  now?: number;
}
export interface SharedOut {
  shares: Share[];
  /** Throttles for which there was no room. */
  dropped: number;
  /** Whether a throttle began or ended to be busy. */
  changed: boolean;
}
export interface Crowd {
  /** Instances that gave a receipt within the last hour. */
  instances: number;
  /** Throttles whose limit is all handed out, the longest first. */
  busy: string[];
}

// One hash slot a service: the script works on several keys.
const base = (namespace: string, service: string) => `{${namespace}:${service}}:shares`;
const busyKey = (namespace: string, service: string) => `${base(namespace, service)}:busy`;
const throttleKey = (namespace: string, service: string, id: string) =>
  `${base(namespace, service)}:${createHash('sha256').update(id).digest('base64url').slice(0, 22)}`;
const channelOf = (namespace: string) => `${namespace}:shares`;

/**
 * Takes in what an instance saw and answers with its shares, in one step that no other process can come between.
 *
 * @returns shares in the order of the demands.
 */
export async function shareOut(redis: Redis, namespace: string, asking: Asking): Promise<SharedOut> {
  const { service, instance, demands, everyMs, now } = asking;
  const keys = [base(namespace, service), busyKey(namespace, service)];
  const values: (string | number)[] = [now ?? '', instance, everyMs, MAX_SHARED_THROTTLES, MAX_SHARING_INSTANCES];
  values.push(KEPT_MS, MEMORY_MS);
  for (const { id, life, wanted, admitted, ...rate } of demands) {
    keys.push(throttleKey(namespace, service, id));
    values.push(id, (rate.windowSeconds * 1000) / rate.requests, rate.windowSeconds * 1000, sharedBurst(rate));
    values.push(life, wanted, admitted);
  }
  const [changed, ...told] = (await redis.eval(SHARE_OUT, keys.length, ...keys, ...values)) as [number, ...string[]];
  const shares: Share[] = [];
  for (const [index, text] of told.entries()) {
    const id = demands[index]?.id;
    if (text === '' || id === undefined) continue;
    const [requests = 0, millionths = 0, busy] = text.split(' ').map(Number);
    shares.push({ id, requests, part: millionths / 1e6, busy: busy === 1 });
  }
  if (changed === 1) await announce(redis, channelOf(namespace), service);
  return { shares, dropped: demands.length - shares.length, changed: changed === 1 };
}

/** Who enforces a service's throttles, and which of them are busy: at most `most`. */
export async function readCrowd(redis: Redis, namespace: string, service: string, now: number, most: number): Promise<Crowd> {
  const results = await redis
    .pipeline()
    .hlen(`${namespace}:instances:${service}`)
    .zrevrangebyscore(busyKey(namespace, service), '+inf', `(${now}`, 'LIMIT', 0, most)
    .exec();
  const [instances, busy] = results ?? [];
  const error = instances?.[0] ?? busy?.[0];
  if (error) throw error;
  return { instances: Number(instances?.[1] ?? 0), busy: (busy?.[1] as string[] | undefined) ?? [] };
}

/** Calls `handler` with each service of which a throttle began or ended to be busy; as {@link subscribeFeed}. */
export function subscribeShares(
  redis: Redis,
  namespace: string,
  handler: (service: string) => void,
): Promise<() => Promise<void>> {
  return listen(redis, channelOf(namespace), (service) => {
    if (typeof service === 'string') handler(service);
  });
}
