/** Constants of the kinds `token-theft` and `account-takeover`, each with its reason. */

const MINUTE = 60;
const HOUR = 3600;

// ---- Who is known

/** An account has a history after six hours, in two sessions and twenty requests: before, everything about it is new. */
export const ACQUAINTED_SECONDS = 6 * HOUR;
export const ACQUAINTED_SESSIONS = 2;
export const ACQUAINTED_REQUESTS = 20;
/** Distinct endpoints that a client for people needs for a few pages, and a machine with one task does not. */
export const VERSATILE_ENDPOINTS = 6;
/** A pause longer than this ends a session: what web analytics have agreed on. */
export const SESSION_PAUSE_SECONDS = 30 * MINUTE;
/** Machines never pause: half a day of one is a session too. */
export const SESSION_MOST_SECONDS = 12 * HOUR;
/** A device or network is new to an account for an hour: whoever came with it has shown by then what they came for. */
export const PROBATION_SECONDS = HOUR;
/** What came with an alert stays new for a day longer, so that the thief who returns is no old friend. */
export const SUSPECT_SECONDS = 24 * HOUR;

// ---- Evidence, in natural logarithms of how much likelier a thief is than the owner

/** Thieves are rare: a surprise that one session in a hundred thousand shows is not worth a word. */
export const LINE = Math.log(1e5);
/** Sessions that a prior weighs: what is known after a morning of a small service. Until so many were seen, half of the prior's evidence counts. */
export const PRIOR_SESSIONS = 20;
/** Sessions of an account itself that weigh as much as what is known of everyone. */
export const OWN_PRIOR_SESSIONS = 8;
/** Shares of sessions, before anything is known: with a new device from a new network; from a new network; with one credential on two devices at once. */
export const PRIOR_SHARES = { stranger: 0.05, place: 0.2, shared: 0.01 } as const;
export type Habit = keyof typeof PRIOR_SHARES;

/**
 * Shares of sessions on an endpoint: of a thief, by what it is good for, and of the owner before anything is known. A thief
 * who has a session goes for what lets him stay or pays; other changes are now and then on the way.
 */
export const AIMS = {
  none: { thief: 0, owner: 1 },
  change: { thief: 0.1, owner: 0.1 },
  'sensitive reading': { thief: 0.3, owner: 0.02 },
  'sensitive change': { thief: 0.5, owner: 0.02 },
} as const;
export type Aim = keyof typeof AIMS;

// ---- One credential in two hands

/** The two take turns at most so far apart. */
export const TURN_SECONDS = 15 * MINUTE;
/** Logs overtake each other by so much: who seems to turn back within it may have been there before. */
export const OVERTAKING_SECONDS = 2;
/** One turn proves nothing, however rare: people move on to a new device. From the way back on, evidence decides. */
export const LEAST_TURNS = 1;
/** A further turn is ten times less likely by accident. */
export const TURN_EVIDENCE = Math.log(10);
/** Where more sessions than this share a credential between devices, sharing is the service's way. */
export const SHARED_MOST = 0.02;
/** An account at so many networks within an hour is a farm of machines. */
export const FARM_PLACES = 4;

// ---- State

/** Accounts with a profile: about 600 bytes each. The one that was away longest of a sample goes. */
export const MAX_PROFILES = 200_000;
export const EVICTION_SAMPLE = 16;
/** Devices and networks of an account: home, work, phone, travel, and what is left of earlier ones. */
export const MAX_FAMILIAR = 8;
/** Credentials of an account in use at the same time. */
export const MAX_HOLDERS = 4;
/** Endpoints worth a thief's while that an account has used; the oldest is forgotten. */
export const MAX_USED = 48;
/** Endpoints told in an explanation. */
export const MAX_NAMED = 6;

// ---- Credentials without an actor

/** An address and device tell so often that they use a credential: turns are a matter of minutes. */
export const BEAT_SECONDS = 15;
/** Addresses and devices whose last word is remembered; a forgotten one tells once more. */
export const MAX_BEATS = 20_000;
/** Credentials with a profile, a fifth of them in their first session; the one of the same sort that was away longest goes. */
export const MAX_CREDENTIALS = 20_000;
