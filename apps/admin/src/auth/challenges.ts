/**
 * Challenges that nothing has to remember: end, random bits and a MAC over both, purpose and whom it is for. Who asks for many costs
 * no memory and pushes nobody else's out. A good assertion uses its challenge up (storage/passkeys.ts), a bad one does not.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Context, InjectContext } from '../context.js';

export const CHALLENGE_MS = 5 * 60_000;

export type ChallengePurpose = 'sign-in' | 'register' | 'step-up';

const [END_BYTES, RANDOM_BYTES, MAC_BYTES] = [6, 24, 32];
const HEAD_BYTES = END_BYTES + RANDOM_BYTES;

@Injectable()
export class Challenges {
  private readonly key: Buffer;

  constructor(@InjectContext() private readonly context: Context) {
    this.key = Buffer.from(hkdfSync('sha256', context.env.PLIMSOLL_MASTER_KEY, '', 'plimsoll webauthn challenge', 32));
  }

  /** base64url of 62 bytes, 192 of their bits random. @param whom ids of session and person; nobody before sign-in. */
  issue(purpose: ChallengePurpose, ...whom: string[]): string {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(this.context.now() + CHALLENGE_MS, 0, END_BYTES);
    randomBytes(RANDOM_BYTES).copy(head, END_BYTES);
    return Buffer.concat([head, this.mac(head, purpose, whom)]).toString('base64url');
  }

  /** When a challenge of ours, for this purpose and whom, runs out; undefined for every other text, and for one that has. */
  endOf(challenge: string, purpose: ChallengePurpose, ...whom: string[]): number | undefined {
    const bytes = Buffer.from(challenge, 'base64url');
    if (bytes.length !== HEAD_BYTES + MAC_BYTES || bytes.toString('base64url') !== challenge) return undefined;
    const head = bytes.subarray(0, HEAD_BYTES);
    if (!timingSafeEqual(bytes.subarray(HEAD_BYTES), this.mac(head, purpose, whom))) return undefined;
    const end = head.readUIntBE(0, END_BYTES);
    return end > this.context.now() ? end : undefined;
  }

  private mac(head: Buffer, purpose: ChallengePurpose, whom: string[]): Buffer {
    return createHmac('sha256', this.key)
      .update(head)
      .update(JSON.stringify([purpose, ...whom]))
      .digest();
  }
}
