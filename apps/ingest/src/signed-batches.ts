/**
 * Whether a batch comes from the instance that it says it comes from, and comes for the first time. A key that requires it gets no unsigned
 * batch in; a signature that is there is checked in any case. Verified off the event loop; the last batch of each instance lies in
 * Redis, where all processes see it, so that a replay is refused whichever one it meets.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  batchSignatureSchema,
  batchText,
  INSTANCE_HEADER,
  type InstanceKey,
  instanceText,
  type Key,
  SIGNATURE_HEADER,
  SIGNATURE_VALID_MS,
  SIGNED_AT_HEADER,
} from '@plimsoll/contracts';
import type { PublicKey, SignedBatch } from '@plimsoll/storage';
import { ProblemError } from './problem.js';
import { RateLimit } from './rate-limit.js';

/** A fleet that starts at once, then what comes and goes; with an hour of keeping this bounds the keys in Redis. */
const REGISTRATIONS = { perSecond: 10, burst: 5_000 };
const MAX_KEYS_KEPT = 10_000;

export interface SignedBatchEdges {
  register: (keyId: string, instance: string, key: PublicKey) => Promise<boolean>;
  find: (keyId: string, instance: string) => Promise<PublicKey | undefined>;
  take: (keyId: string, instance: string, batch: SignedBatch) => Promise<'taken' | 'replayed' | 'unknown'>;
  now: () => number;
  onDrop: (name: string) => void;
}
interface Kept {
  x: string;
  key: KeyObject;
}

export class SignedBatches {
  /** Parsed keys, the longest known go first: parsing costs as much as a check. */
  readonly #kept = new Map<string, Kept>();
  readonly #rate: RateLimit;

  constructor(private readonly edges: SignedBatchEdges) {
    this.#rate = new RateLimit({ ...REGISTRATIONS, onDrop: () => edges.onDrop('registration-rates') });
  }

  /**
   * Takes the public key of an instance.
   *
   * @throws ProblemError `signature-invalid` where the sender does not have the private part; `conflict` where the instance has another key;
   *   `too-many-requests`; `unavailable` without Redis.
   */
  async register(key: Key, said: InstanceKey): Promise<void> {
    const now = this.edges.now();
    const waitMs = this.#rate.waitMs(key.id, now);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new ProblemError('too-many-requests', 'Too many instances register with this key', { retryAfterSeconds });
    }
    this.#rate.charge(key.id, 1, now);
    const held = keyOf(said);
    const good = held !== undefined && (await isSigned(Buffer.from(instanceText(key.prefix, said)), held, said.signature));
    if (!good) throw new ProblemError('signature-invalid', 'The key is not signed by its own private part');
    const registered = await reach(this.edges.register(key.id, said.instance, said));
    if (!registered) throw new ProblemError('conflict', 'This instance has registered another key');
  }

  /**
   * @param batch the client's id of it, and the hash of service, id and body.
   * @throws ProblemError `signature-required`, `signature-invalid`, `instance-unknown` or `replayed`; `unavailable` without Redis.
   */
  async check(
    key: Key,
    headers: Record<string, unknown>,
    batch: { id: string | undefined; body: Buffer; hash: string },
  ): Promise<'signed' | 'unsigned'> {
    if (headers[SIGNATURE_HEADER] === undefined) {
      if (!key.requireSignedBatches) return 'unsigned';
      throw new ProblemError('signature-required', 'Register the key of the instance, and sign each batch with it');
    }
    const said = batchSignatureSchema.safeParse(headers);
    if (!said.success || batch.id === undefined) {
      throw new ProblemError('signature-invalid', 'A signed batch names its id, its instance, its time and its signature');
    }
    const { [INSTANCE_HEADER]: instance, [SIGNED_AT_HEADER]: signedAt, [SIGNATURE_HEADER]: signature } = said.data;
    if (Math.abs(this.edges.now() - signedAt) > SIGNATURE_VALID_MS) {
      throw new ProblemError('signature-invalid', 'The batch was signed more than five minutes ago, or ahead of time');
    }
    const held = await this.#find(key.id, instance);
    if (held === undefined) throw unknown();
    const head = Buffer.from(batchText(key.prefix, { instance, batch: batch.id, signedAt }));
    if (!(await isSigned(Buffer.concat([head, batch.body]), held.key, signature))) {
      throw new ProblemError('signature-invalid', 'The batch is not as its instance signed it');
    }
    const note = { x: held.x, signedAt, batch: batch.id, hash: batch.hash };
    const taken = await reach(this.edges.take(key.id, instance, note));
    if (taken === 'unknown') {
      this.#kept.delete(`${key.id} ${instance}`);
      throw unknown();
    }
    if (taken === 'replayed')
      throw new ProblemError('replayed', 'The instance has sent a later batch, or this id with another body');
    return 'signed';
  }

  async #find(keyId: string, instance: string): Promise<Kept | undefined> {
    const name = `${keyId} ${instance}`;
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const found = await reach(this.edges.find(keyId, instance));
    const key = found && keyOf(found);
    if (found === undefined || key === undefined) return undefined;
    const kept = { x: found.x, key };
    this.#kept.set(name, kept);
    for (const oldest of this.#kept.size > MAX_KEYS_KEPT ? [this.#kept.keys().next().value ?? ''] : []) {
      this.#kept.delete(oldest);
      this.edges.onDrop('instance-keys');
    }
    return kept;
  }
}

const unknown = () => new ProblemError('instance-unknown', 'Register the key of the instance first');

/** Undefined where the point is not on the curve. */
function keyOf({ x, y }: PublicKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** By a thread of the pool: hashing megabytes is nothing for the event loop. */
function isSigned(bytes: Buffer, key: KeyObject, signature: string): Promise<boolean> {
  return new Promise((resolve) =>
    verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'), (error, good) =>
      resolve(error === null && good),
    ),
  );
}

async function reach<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (cause) {
    throw new ProblemError('unavailable', 'Instances are out of reach', { retryAfterSeconds: 2, cause });
  }
}
