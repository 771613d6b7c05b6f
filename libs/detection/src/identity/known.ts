/** What a stored profile says of an account, for people: how long it is known, and when each device and network was met. */
import { type Source, sourceKey } from '../entities/sources.js';
import { fromBytes } from '../entities/text-bytes.js';
import { readProfile } from './stored-profile.js';

export interface Met {
  /** Milliseconds since the epoch. */
  firstAt: number;
  lastAt: number;
}

export interface KnownAccount {
  since: number;
  lastAt: number;
  requests: number;
  sessions: number;
  /** By their fingerprints alone: what they are called is in the request logs. Latest first. */
  networks: Met[];
  devices: Met[];
}

/** Key of the profile among what a shard stores. */
export const profileKey = (service: string, type: Source['type'], id: string): string =>
  `i${sourceKey({ service, past: false, type, id })}`;

/** @returns undefined where it cannot be read */
export function knownAccount(state: Uint8Array): KnownAccount | undefined {
  const nobody: Source = { index: 0, service: '', type: 'actor', id: '', past: false, first: 0 };
  try {
    const { since, last, requests, sessions, places, devices } = readProfile(nobody, fromBytes(state));
    return {
      since: since * 1000,
      lastAt: last * 1000,
      requests,
      sessions,
      networks: met(places.state()),
      devices: met(devices.state()),
    };
  } catch {
    return undefined;
  }
}

/** Print, first seen, last seen; a device of no name is none. */
function met(entries: readonly number[]): Met[] {
  const all: Met[] = [];
  for (let at = 0; at + 2 < entries.length; at += 3)
    if (entries[at] !== 0) all.push({ firstAt: (entries[at + 1] ?? 0) * 1000, lastAt: (entries[at + 2] ?? 0) * 1000 });
  return all.sort((a, b) => b.lastAt - a.lastAt);
}
