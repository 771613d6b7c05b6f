/**
 * What every shard's model shares: populations of endpoints and learnt collapses of paths. Kept in Redis, and told to all
 * workers when it changes; a lost message is made up for by the next reading. How far endpoints are above their usual at
 * this moment is told alone: a message that is lost is made up for by the next one, ten seconds later.
 */
import type { Population, Surge, UsualTraffic } from '@plimsoll/detection';
import type { Redis } from 'ioredis';
import { listen } from './channel.js';
import { hashId } from './ids.js';

export interface Collapse {
  service: string;
  collapse: string;
}
export type KnowledgeMessage = { populations: Population[] } | { collapses: Collapse[] } | { surges: Surge[] };

const populationsKey = (namespace: string) => `${namespace}:populations`;
const usualKey = (namespace: string) => `${namespace}:usual-traffic`;
const collapsesKey = (namespace: string) => `${namespace}:collapses`;
const channelOf = (namespace: string) => `${namespace}:knowledge`;
/** Of its own: workers of before would take what they do not know for collapses. */
const surgesChannelOf = (namespace: string) => `${namespace}:surges`;

export async function savePopulations(redis: Redis, namespace: string, populations: readonly Population[]): Promise<void> {
  if (populations.length === 0) return;
  const fields = populations.flatMap((population) => [
    hashId('p', population.service, population.endpoint),
    JSON.stringify(population),
  ]);
  await redis
    .multi()
    .hset(populationsKey(namespace), ...fields)
    .publish(channelOf(namespace), JSON.stringify({ populations }))
    .exec();
}

export async function saveCollapses(redis: Redis, namespace: string, collapses: readonly Collapse[]): Promise<void> {
  if (collapses.length === 0) return;
  await redis
    .multi()
    .sadd(collapsesKey(namespace), ...collapses.map((entry) => JSON.stringify(entry)))
    .publish(channelOf(namespace), JSON.stringify({ collapses }))
    .exec();
}

export async function tellSurges(redis: Redis, namespace: string, surges: readonly Surge[]): Promise<void> {
  if (surges.length > 0) await redis.publish(surgesChannelOf(namespace), JSON.stringify({ surges }));
}

/** For people beside the traffic: no worker needs it, so that it is kept and not told. */
export async function saveUsual(redis: Redis, namespace: string, usual: readonly UsualTraffic[]): Promise<void> {
  if (usual.length === 0) return;
  await redis.hset(usualKey(namespace), ...usual.flatMap((each) => [each.service, JSON.stringify(each)]));
}

/** Of these services; those of which nothing is known are left out. */
export async function readUsual(redis: Redis, namespace: string, services: readonly string[]): Promise<UsualTraffic[]> {
  if (services.length === 0) return [];
  const texts = await redis.hmget(usualKey(namespace), ...services);
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as UsualTraffic]));
}

export async function loadKnowledge(
  redis: Redis,
  namespace: string,
): Promise<{ populations: Population[]; collapses: Collapse[] }> {
  const [populations, collapses] = await Promise.all([
    redis.hvals(populationsKey(namespace)),
    redis.smembers(collapsesKey(namespace)),
  ]);
  return {
    populations: populations.map((text) => JSON.parse(text) as Population),
    collapses: collapses.map((text) => JSON.parse(text) as Collapse),
  };
}

/** Of single endpoints; those of which nothing is known are left out. */
export async function readPopulations(
  redis: Redis,
  namespace: string,
  service: string,
  endpoints: readonly string[],
): Promise<Population[]> {
  if (endpoints.length === 0) return [];
  const fields = endpoints.map((endpoint) => hashId('p', service, endpoint));
  const texts = await redis.hmget(populationsKey(namespace), ...fields);
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Population]));
}

/** Calls `handler` on what any worker learns. `redis` must be a connection for subscriptions. @returns a function that ends it. */
export async function subscribeKnowledge(
  redis: Redis,
  namespace: string,
  handler: (message: KnowledgeMessage) => void,
): Promise<() => Promise<void>> {
  const take = (message: unknown) => handler(message as KnowledgeMessage);
  const ends = await Promise.all([channelOf, surgesChannelOf].map((channel) => listen(redis, channel(namespace), take)));
  return async () => {
    for (const end of ends) await end();
  };
}
