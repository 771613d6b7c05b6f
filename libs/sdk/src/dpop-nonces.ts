/**
 * Nonces of the server (RFC 9449, 8 and 9) that are kept nowhere: HMAC-SHA-256 of the minute under a secret that all
 * instances share. One is accepted until five minutes after its own: it dates a proof better than a client's clock.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_MS = 60_000;
const STEPS = 5;
/** How long a nonce is accepted at most. */
export const NONCE_MS = STEP_MS * (STEPS + 1);

export class Nonces {
  readonly #secret: Buffer;

  /** `secret` of at least 32 bytes. */
  constructor(secret: string | Uint8Array) {
    this.#secret = Buffer.from(secret as string);
    if (this.#secret.length < 32) throw new Error('the secret of nonces needs at least 32 bytes');
  }

  at(now: number): string {
    return this.#of(Math.floor(now / STEP_MS));
  }

  accepts(nonce: string, now: number): boolean {
    const step = Math.floor(now / STEP_MS);
    const given = Buffer.from(nonce);
    let found = false;
    for (let back = 0; back <= STEPS; back += 1) {
      const own = Buffer.from(this.#of(step - back));
      if (own.length === given.length && timingSafeEqual(own, given)) found = true;
    }
    return found;
  }

  #of(step: number): string {
    return createHmac('sha256', this.#secret).update(`plimsoll dpop nonce ${step}`).digest('base64url').slice(0, 32);
  }
}
