/**
 * The signing keys in memory. Tokens are verified against this ring alone: a kid that is not in it is refused without
 * any I/O, and no key is ever read from a token. A timer turns the ring, and so does the news that somebody has changed it;
 * other processes see `next` long before it signs.
 */
import { createPublicKey } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type PublicJwk, readTokenEpoch, type SigningKey, turnSigningKeys } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';

/** Also how long a key that was dropped in an emergency may verify where the news was lost. */
const TURN_EVERY_MS = 5_000;

const toPem = (jwk: PublicJwk): string =>
  createPublicKey({ key: { ...jwk }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();

@Injectable()
export class KeyRing implements OnModuleInit, OnModuleDestroy {
  private keys: SigningKey[] = [];
  /** kid -> SubjectPublicKeyInfo as PEM. */
  private publicKeys = new Map<string, string>();
  /** Tokens issued before it are refused; milliseconds. */
  private epoch = 0;
  /** One turn after the other: an older answer must not replace a newer one. */
  private turning: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(@InjectContext() private readonly context: Context) {}

  async onModuleInit(): Promise<void> {
    await this.turn();
    this.timer = setInterval(() => {
      // With PostgreSQL away the keys at hand go on: they are valid for days.
      this.turn().catch((err: unknown) => this.context.log.warn({ err }, 'signing keys not turned'));
    }, TURN_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Reads the ring anew and moves on what is due. */
  turn(): Promise<void> {
    const turned = this.turning.then(() => this.read());
    this.turning = turned.catch(() => undefined);
    return turned;
  }

  get notBefore(): number {
    return this.epoch;
  }

  private async read(): Promise<void> {
    const { db, env, now } = this.context;
    this.epoch = await readTokenEpoch(db);
    this.keys = await turnSigningKeys(db, env.PLIMSOLL_MASTER_KEY, now());
    this.publicKeys = new Map(this.keys.map(({ kid, publicJwk }) => [kid, toPem(publicJwk)]));
  }

  get active(): SigningKey {
    const key = this.keys.find(({ state }) => state === 'active');
    if (key === undefined) throw new Error('no active signing key');
    return key;
  }

  publicKey(kid: string): string | undefined {
    return this.publicKeys.get(kid);
  }

  /** RFC 7517 set: public parts only, of the keys that may verify now or soon. */
  get jwks(): { keys: PublicJwk[] } {
    return { keys: this.keys.map(({ publicJwk }) => publicJwk) };
  }
}
