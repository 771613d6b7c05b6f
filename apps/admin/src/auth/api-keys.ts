/**
 * API keys with the scope `admin:read`: programs that read alerts, decisions and traffic of their service, by GET alone, without a session
 * and so without a proof of a key. What the database said of a key is believed for three seconds, so that a revoked one is refused within
 * five. Whoever is wrong hears the same, whatever was wrong; guesses cost the sender's network.
 */
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Key } from '@plimsoll/contracts';
import { findKeyByPrefix, hasEnded, networkOf, readKeyText, type StoredKey, secretMatches, touchKeys } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import type { Principal } from './admission.js';
import { Budget } from './budget.js';

const BELIEVED_MS = 3_000;
/** Prefixes that are remembered, known or not; beyond it the longest unasked go. */
const MAX_PREFIXES = 1_000;
/** Wrong keys that a network may try. */
const GUESSES = { size: 30, windowMs: 60_000 };
const WRITE_USES_MS = 10_000;

/** The text of a key in an Authorization header; undefined where it holds something else. */
export const keyTextIn = (authorization: string | undefined): string | undefined =>
  /^Bearer (plim_[!-~]{1,200})$/.exec(authorization ?? '')?.[1];

@Injectable()
export class ApiKeys implements OnModuleInit, OnModuleDestroy {
  private readonly known = new Map<string, { stored: StoredKey | undefined; askedAt: number }>();
  private readonly guesses = new Budget(GUESSES.size, GUESSES.windowMs);
  private uses = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(@InjectContext() private readonly context: Context) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.writeUses(), WRITE_USES_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.writeUses();
  }

  /**
   * Who asks by this key: a principal of the role `key` that sees the key's service alone.
   *
   * @throws ProblemError `unauthenticated`; `too-many-requests` after many of those; `forbidden` without the scope, or for a change.
   */
  async admit(text: string, method: string, address: string): Promise<Principal> {
    const now = this.context.now();
    const parts = readKeyText(text);
    const stored = parts && (await this.find(parts.prefix, address, now));
    if (!secretMatches(stored, parts?.secret ?? '') || hasEnded(stored.key, now)) {
      this.guesses.take(networkOf(address), now);
      throw new ProblemError('unauthenticated', 'This API key is not known here, or has ended.');
    }
    const { key } = stored;
    if (!key.scopes.includes('admin:read')) throw new ProblemError('forbidden', 'This API key has no scope admin:read.');
    if (method !== 'GET') throw new ProblemError('forbidden', 'An API key reads, and changes nothing here.');
    this.uses.set(key.id, now);
    return principalOf(key, now);
  }

  private async find(prefix: string, address: string, now: number): Promise<StoredKey | undefined> {
    const known = this.known.get(prefix);
    if (known && now >= known.askedAt && now - known.askedAt < BELIEVED_MS) return known.stored;
    const retryAfterSeconds = known?.stored ? 0 : this.guesses.wait(networkOf(address), now);
    if (retryAfterSeconds > 0) throw new ProblemError('too-many-requests', 'Too many unknown API keys.', { retryAfterSeconds });
    const stored = await findKeyByPrefix(this.context.db, prefix);
    this.known.delete(prefix);
    this.known.set(prefix, { stored, askedAt: now });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_PREFIXES) break;
      this.known.delete(oldest);
    }
    return stored;
  }

  /** Last uses since the previous time. Where that fails they are gone: the next use says the same. */
  private async writeUses(): Promise<void> {
    const { uses } = this;
    this.uses = new Map();
    await touchKeys(this.context.db, uses).catch((err: unknown) => this.context.log.warn({ err }, 'uses of API keys not noted'));
  }
}

const principalOf = ({ id, name, service, expiresAt }: Key, now: number): Principal => ({
  person: { id, name, role: 'key' },
  attributes: { groups: [], everyTeam: false, teams: [], services: [service] },
  sessionId: id,
  ...{ amr: 'key', acr: 'aal1', authAt: now, passkeys: 0, deviceBound: false, jkt: '' },
  expiresAt: expiresAt ?? Number.MAX_SAFE_INTEGER,
});
