/**
 * Which shard something belongs to. All requests of a source (an authenticated actor, else an address) fall into one
 * shard, and so does each entity of stage two. The hash is part of the data: changing it moves everybody.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { type Contribution, contributionEntity } from '@plimsoll/detection';

/** The offset basis of FNV-1a. */
const START = 0x811c9dc5;

/** The actor where the host vouches for it, else the address. */
export function sourceOf(log: Pick<RequestLog, 'actor' | 'authenticated' | 'ip'>): string {
  return log.authenticated && log.actor !== undefined ? log.actor : log.ip;
}

/** 0 to `shards` - 1, of a request by its service and {@link sourceOf}. */
export function shardOf(service: string, source: string, shards: number): number {
  return finished(through(source, through('\n', through(service, START))), shards);
}

/** 0 to `shards` - 1, of the entity that a contribution is about. */
export function shardOfContribution(contribution: Pick<Contribution, 'service' | 'entity' | 'id'>, shards: number): number {
  return finished(through(contributionEntity(contribution), START), shards);
}

/** The same for an entity that is named. */
export function shardOfEntity(service: string, entity: 'actor' | 'address', id: string, shards: number): number {
  return finished(through(contributionEntity({ service, entity, id }), START), shards);
}

/** FNV-1a over UTF-16 units, from where the texts before have led. */
function through(text: string, before: number): number {
  let hash = before;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The finaliser of MurmurHash3, whose low bits are well mixed. */
function finished(sum: number, shards: number): number {
  let hash = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
