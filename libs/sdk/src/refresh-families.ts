/**
 * Rotates refresh tokens in families: each token is used once, and one that comes back after that was copied, so that its
 * whole family ends. A lost answer does not look like that: for a few seconds the token just used gives the same successor
 * again. Storage is the host's; what is kept there opens nothing, as tokens are kept as hashes and a successor under a key
 * that only its predecessor's text gives.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** One signed-in session, as it is stored: plain JSON. */
export interface Family {
  id: string;
  /** Whose session it is, in the host's words. */
  subject: string;
  /** Of the key that its tokens are bound to; absent where they are not. */
  thumbprint?: string;
  /** Milliseconds since the epoch, as all times here. Never moved: the session ends then, whatever is refreshed. */
  endsAt: number;
  usedAt: number;
  generation: number;
  /** SHA-256 of the token that may be used. */
  current: string;
  /** The token before it, while a retry of its holder is answered with the same successor. */
  previous?: { hash: string; rotatedAt: number; successor: string };
  /** Hashes of tokens used before; the oldest are forgotten beyond 500: those are unknown then, and end nothing. */
  spent: string[];
  revokedAt?: number;
  revokedFor?: 'signed-out' | 'reused' | 'other-key';
}

/** Of the host. All changes of one family are made one after another: refreshing, signing out, and finding reuse alike. */
export interface RefreshStorage {
  insert(family: Family): Promise<void>;
  /**
   * Locks the family (`SELECT ... FOR UPDATE`), calls `change` with it, writes what it returns, and commits, also where
   * the outcome is a refusal. `change` is pure: it may be called again where a transaction is repeated.
   */
  update<T>(id: string, change: (family: Family | undefined) => { family: Family | undefined; outcome: T }): Promise<T>;
}

export type Refreshed =
  /** `again` where the holder had this successor before. */
  | { type: 'refreshed'; token: string; again: boolean; family: string; subject: string; thumbprint: string | undefined }
  /** `reused` and `other-key` have ended the family just now: tell its owner. */
  | {
      type: 'refused';
      why: 'unknown' | 'ended' | 'idle' | 'revoked' | 'reused' | 'other-key';
      family?: string;
      subject?: string;
    };

export interface RefreshOptions {
  /** From sign-in to the end whatever happens, seconds; 30 days by default. */
  endSeconds?: number;
  /** Without a refresh for so long the session ends, seconds; an hour by default. */
  idleSeconds?: number;
  /** How long a used token gives its successor again, seconds; 10 by default, at most 60, 0 for never. */
  graceSeconds?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

const MAX_SPENT = 500;
const TOKEN = /^rt_([\w-]{22})_([\w-]{43})$/;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const tokenOf = (family: string): string => `rt_${family}_${randomBytes(32).toString('base64url')}`;

export class RefreshFamilies {
  readonly #endMs: number;
  readonly #idleMs: number;
  readonly #graceMs: number;
  readonly #now: () => number;

  constructor(
    private readonly storage: RefreshStorage,
    { endSeconds = 30 * 86_400, idleSeconds = 3_600, graceSeconds = 10, now = Date.now }: RefreshOptions = {},
  ) {
    this.#endMs = endSeconds * 1000;
    this.#idleMs = idleSeconds * 1000;
    this.#graceMs = Math.min(Math.max(graceSeconds, 0), 60) * 1000;
    this.#now = now;
  }

  /** Begins a session: its first refresh token. `thumbprint` binds all its tokens to one key, see dpop.ts. */
  async begin(subject: string, thumbprint?: string): Promise<{ token: string; family: string }> {
    const id = randomBytes(16).toString('base64url');
    const token = tokenOf(id);
    const now = this.#now();
    const bound = thumbprint === undefined ? {} : { thumbprint };
    const start = {
      id,
      subject,
      ...bound,
      endsAt: now + this.#endMs,
      usedAt: now,
      generation: 0,
      current: hashOf(token),
      spent: [],
    };
    await this.storage.insert(start);
    return { token, family: id };
  }

  /** `thumbprint` is that of the proof that came with the token. Rejects only where the storage does. */
  async refresh(token: string, thumbprint?: string): Promise<Refreshed> {
    const id = TOKEN.exec(token)?.[1];
    if (id === undefined) return { type: 'refused', why: 'unknown' };
    const successor = tokenOf(id);
    return this.storage.update(id, (family) => this.#change(family, { token, successor, thumbprint }));
  }

  /** Ends a session, as at a sign-out. */
  async end(family: string): Promise<void> {
    await this.storage.update(family, (held) => ({
      family: held && { ...held, revokedAt: held.revokedAt ?? this.#now(), revokedFor: held.revokedFor ?? 'signed-out' },
      outcome: undefined,
    }));
  }

  #change(family: Family | undefined, use: Use): { family: Family | undefined; outcome: Refreshed } {
    const now = this.#now();
    const hash = hashOf(use.token);
    const place = family === undefined ? 'unknown' : placeOf(family, hash);
    // A text that never was a token of this family proves nothing: whoever knows its id could end it.
    if (family === undefined || place === 'unknown') return { family, outcome: { type: 'refused', why: 'unknown' } };
    const who = { family: family.id, subject: family.subject };
    const refuse = (why: 'ended' | 'idle' | 'revoked') => ({ family, outcome: { type: 'refused', why, ...who } as const });
    const revoke = (why: 'reused' | 'other-key') => ({
      family: { ...family, revokedAt: now, revokedFor: why },
      outcome: { type: 'refused', why, ...who } as const,
    });
    if (family.revokedAt !== undefined) return refuse('revoked');
    if (family.thumbprint !== use.thumbprint) return revoke('other-key');
    if (family.endsAt <= now) return refuse('ended');
    const done = (token: string, again: boolean): Refreshed => ({
      type: 'refreshed',
      token,
      again,
      ...who,
      thumbprint: family.thumbprint,
    });
    if (place === 'current') {
      if (family.usedAt + this.#idleMs <= now) return refuse('idle');
      return { family: rotated(family, use, hash, now), outcome: done(use.successor, false) };
    }
    const { previous } = family;
    if (place === 'spent' || previous === undefined || now - previous.rotatedAt >= this.#graceMs) return revoke('reused');
    return { family, outcome: done(open(previous.successor, use.token), true) };
  }
}

interface Use {
  token: string;
  /** Made outside, so that `change` stays pure. */
  successor: string;
  thumbprint: string | undefined;
}

/** Hashes of 256 random bits: how long a comparison takes tells nothing of a token. */
function placeOf({ current, previous, spent }: Family, hash: string): 'current' | 'previous' | 'spent' | 'unknown' {
  if (hash === current) return 'current';
  if (hash === previous?.hash) return 'previous';
  return spent.includes(hash) ? 'spent' : 'unknown';
}

function rotated(family: Family, { token, successor }: Use, hash: string, now: number): Family {
  const spent = family.previous ? [...family.spent, family.previous.hash].slice(-MAX_SPENT) : family.spent;
  const previous = { hash, rotatedAt: now, successor: seal(successor, token) };
  return { ...family, usedAt: now, generation: family.generation + 1, current: hashOf(successor), previous, spent };
}

const keyFrom = (token: string) => Buffer.from(hkdfSync('sha256', token, '', 'plimsoll refresh successor', 32));
// Each key seals one text: a fixed nonce is used once.
const NONCE = Buffer.alloc(12);

function seal(text: string, token: string): string {
  const cipher = createCipheriv('aes-256-gcm', keyFrom(token), NONCE);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function open(sealed: string, token: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(token), NONCE).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
}
