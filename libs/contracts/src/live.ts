/**
 * The live channel: one typed map of events for the socket.io gateway and the dashboard, and the messages that workers
 * publish for it. `seq` counts per connection; a page that misses one, or sees another `epoch`, refetches.
 */
import type { Alert } from './alert.js';
import type { Decision } from './decision.js';
import type { Reach } from './receipt.js';

/** Counts of one second of one service. */
export interface TrafficTick {
  service: string;
  /** Second since the epoch. */
  second: number;
  requests: number;
  /** Status 500 and above. */
  errors: number;
  throttled: number;
  /** Blocked or challenged. */
  blocked: number;
}

/** What travels on the live Redis channel, from workers and admin processes to every gateway. */
export type LiveMessage =
  | { type: 'alert'; alert: Alert }
  | { type: 'decision'; decision: Decision }
  | { type: 'traffic'; ticks: TrafficTick[] }
  /** Instances of these services have said what they enforce. */
  | { type: 'receipts'; services: string[] }
  | { type: 'session-revoked'; sessionId: string }
  /** Access policies, or what they know of a person, have changed. */
  | { type: 'access-changed' }
  /** Pseudonyms were switched on or off, or somebody was erased. */
  | { type: 'privacy-changed' }
  /** The ring of signing keys was changed by somebody. */
  | { type: 'keys-changed' };

export interface ServerEvents {
  hello: (event: { epoch: string; seq: number }) => void;
  alert: (event: { seq: number; alert: Alert }) => void;
  decision: (event: { seq: number; decision: Decision }) => void;
  /** Volatile and coalesced, once a second: full seconds of each service. A tick replaces an earlier one of its second. */
  traffic: (event: { ticks: TrafficTick[] }) => void;
  /** Volatile, where it has changed, at most twice a second a service: how far its newest decision has come. */
  reach: (event: { service: string; reach: Reach }) => void;
  /** The access token has run out: answer with `renew` within 30 s or be disconnected. */
  expired: () => void;
}

/** What a page shows in the handshake (`auth`) and to renew: its token for the socket, and a DPoP proof about `GET wss://host/socket.io/`. */
export interface LiveCredentials {
  token: string;
  proof: string;
}

/** `nonce`: the same again with this nonce in the proof. A refused handshake says it as the error's `data.nonce`. */
export type RenewOutcome = { type: 'renewed' } | { type: 'refused' } | { type: 'nonce'; nonce: string };

export const LIVE_PATH = '/socket.io/';

export interface ClientEvents {
  renew: (credentials: LiveCredentials, answer: (outcome: RenewOutcome) => void) => void;
}
