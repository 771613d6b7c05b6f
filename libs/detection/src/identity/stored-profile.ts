/** A profile as it is stored. Version 1. Texts of addresses and devices are left out: they are met again. */
import type { Source } from '../entities/sources.js';
import { MAX_HOLDERS, MAX_USED } from './constants.js';
import { Profile } from './profile.js';
import type { Stay } from './stay.js';

const VERSION = 1;

interface Stored {
  v: number;
  /** since, last, requests, sessions, judged, strangers, what the session showed (a bit each), breadth, began. */
  n: number[];
  p: number[];
  d: number[];
  u: number[];
  s: number[];
  h: [credential: string, place: number, device: number, address: string, last: number, before: number, before: number][];
  y?: Stay;
}

export function storedProfile(profile: Profile): Stored {
  const { since, last, requests, sessions, judged, strangers, stranger, moved, shared } = profile;
  const shown = (stranger ? 1 : 0) + (moved ? 2 : 0) + (shared ? 4 : 0);
  return {
    v: VERSION,
    n: [since, last, requests, sessions, judged, strangers, shown, profile.breadth, profile.began],
    p: profile.places.state(),
    d: profile.devices.state(),
    u: profile.used,
    s: profile.session,
    h: profile.holders.map((one) => [
      one.credential,
      one.place,
      one.device,
      one.address,
      one.last,
      one.placeBefore,
      one.deviceBefore,
    ]),
    ...(profile.stay ? { y: profile.stay } : {}),
  };
}

/** Throws where it cannot be read. */
export function readProfile(source: Source, state: unknown): Profile {
  const stored = state as Partial<Stored> | null;
  if (stored?.v !== VERSION || !Array.isArray(stored.n)) throw new TypeError('a profile of another version');
  const [since = 0, last = 0, requests = 0, sessions = 1, judged = 0, strangers = 0, shown = 0, breadth = 0, began = since] =
    stored.n.map(Number);
  const profile = new Profile(source, since, last);
  Object.assign(profile, { requests, sessions, judged, strangers, breadth, began });
  Object.assign(profile, { stranger: (shown & 1) > 0, moved: (shown & 2) > 0, shared: (shown & 4) > 0 });
  profile.places.load(stored.p);
  profile.devices.load(stored.d);
  profile.used = (stored.u ?? []).slice(0, 2 * MAX_USED).map(Number);
  profile.session = (stored.s ?? []).slice(0, MAX_USED).map(Number);
  for (const [credential, place, device, address, at, placeBefore, deviceBefore] of (stored.h ?? []).slice(0, MAX_HOLDERS))
    profile.holders.push({ credential, place, device, address, last: at, placeBefore, deviceBefore });
  profile.stay = stored.y;
  return profile;
}
