/**
 * The server's nonces (RFC 9449, 8 and 9), kept nowhere: derived from the installation's master key and the minute, so that
 * all processes agree without a word. A nonce dates a proof better than a client's clock could, and no proof can be made long
 * before it is used.
 */
import { hkdfSync, timingSafeEqual } from 'node:crypto';

const STEP_MS = 60_000;
const STEPS_BACK = 5;
/** From when a nonce may first be handed out (by a process whose clock is a step ahead) until it is accepted for the last time. */
export const NONCE_MS = STEP_MS * (STEPS_BACK + 2);

export class Nonces {
  /** Of the steps that are accepted at present; older ones are dropped. */
  private readonly known = new Map<number, string>();

  constructor(private readonly masterKey: Buffer) {}

  at(now: number): string {
    return this.ofStep(Math.floor(now / STEP_MS));
  }

  /** Of this minute, the five before it or the next. Takes the same time whichever it is. */
  accepts(nonce: string, now: number): boolean {
    const step = Math.floor(now / STEP_MS);
    const given = Buffer.from(nonce);
    let found = false;
    for (let back = -1; back <= STEPS_BACK; back += 1) {
      const own = Buffer.from(this.ofStep(step - back));
      if (own.length === given.length && timingSafeEqual(own, given)) found = true;
    }
    for (const old of this.known.keys()) if (old < step - STEPS_BACK || old > step + 1) this.known.delete(old);
    return found;
  }

  private ofStep(step: number): string {
    const known = this.known.get(step);
    if (known !== undefined) return known;
    const nonce = Buffer.from(hkdfSync('sha256', this.masterKey, '', `plimsoll dpop nonce ${step}`, 24)).toString('base64url');
    this.known.set(step, nonce);
    return nonce;
  }
}
