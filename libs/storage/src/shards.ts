/**
 * Which shard something belongs to. All requests of a source (an authenticated actor, else an address) fall into one
 * shard, and so does each entity of stage two. The hash is part of the data: changing it moves everybody.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { type Contribution, contributionEntity } from '@plimsoll/detection';

/** The actor where the host vouches for it, else the address. */
export function sourceOf(log: Pick<RequestLog, 'actor' | 'authenticated' | 'ip'>): string {
  return log.authenticated && log.actor !== undefined ? log.actor : log.ip;
}

/** 0 to `shards` - 1, of a request by its service and {@link sourceOf}. */
export function shardOf(service: string, source: string, shards: number): number {
  return spread(`${service}\n${source}`, shards);
}

/** 0 to `shards` - 1, of the entity that a contribution is about. */
export function shardOfContribution(contribution: Contribution, shards: number): number {
  return spread(contributionEntity(contribution), shards);
}

/** The same for an entity that is named. */
export function shardOfEntity(service: string, entity: 'actor' | 'address', id: string, shards: number): number {
  return spread(contributionEntity({ service, entity, id }), shards);
}

/** FNV-1a over UTF-16 units with the finaliser of MurmurHash3, whose low bits are well mixed. */
function spread(text: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
