/**
 * Lists of names and single ones that the dashboard needs too, apart from the schemas that are made of them: a page that takes a
 * name must not take a schema, and with it the library behind it.
 */
export const alertKinds = [
  'rate',
  'drift',
  'auth-failures',
  'credential-stuffing',
  'enumeration',
  'scraping',
  'probing',
  'exfiltration',
  'token-theft',
  'account-takeover',
  'sequence',
  'flood',
  'endpoint-health',
] as const;

export const severities = ['low', 'medium', 'high', 'critical'] as const;

/** `snoozed`: out of the queue until a time or until it differs; unresolved like the first two. */
export const alertStates = ['open', 'acknowledged', 'snoozed', 'resolved'] as const;

/**
 * What a person found. true-positive: an attack; what it taught is taken back. false-positive: no reason to be told; the
 * limit is widened. expected-change: this is the new normal; it is learnt at once.
 */
export const alertVerdicts = ['true-positive', 'false-positive', 'expected-change'] as const;

/** What the bouncer answered for a request. */
export const verdictNames = ['allow', 'throttle', 'challenge', 'block'] as const;

/** How far the ladder may go. monitor: alerts only. throttle: to throttles; a block becomes one. block: all of it. */
export const policyModes = ['monitor', 'throttle', 'block'] as const;

/** What a step does. monitor: wait and see; no bouncer hears of it. */
export const stepActions = ['monitor', 'throttle', 'block'] as const;

/**
 * What a key may do: send request logs; follow decisions and send receipts for them; say that a user has proved itself; read the admin
 * API about its service.
 */
export const keyScopes = ['ingest:write', 'decisions:read', 'feedback:write', 'admin:read'] as const;

/**
 * Plimsoll's own console, as a service: it is there from the start of every installation, only ever monitors, and gets the logs of the
 * console's own requests alone.
 */
export const SELF_SERVICE = 'plimsoll-admin';
/** The shop that comes with an installation, to be looked at and attacked. */
export const DEMO_SERVICE = 'demo';

export const FIRST_NONCE_PATH = '/api/session/nonce';

/** Carries base64url of the JSON of `stepUpProofSchema`. */
export const STEP_UP_HEADER = 'plimsoll-step-up';

/** An actor whose id is hidden, from the first character to the last. */
export const PSEUDONYM_FORM = /^anon_[\w-]{16}$/;

/** Alerts of one campaign that are counted; where there are as many there may be more. */
export const MOST_IN_CAMPAIGN = 1_000;

/** A snooze or an acknowledgement holds at most this long. */
export const MAX_HOLD_MS = 90 * 86_400_000;
