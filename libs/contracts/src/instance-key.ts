/**
 * Keys of instances: an SDK makes a pair of its own (P-256), registers the public part with the authority of its API key, and signs its
 * batches with the private part, which never leaves its process. A signature (ES256, r and s, base64url) is over {@link batchText} and the
 * unpacked body; so nobody who has seen a batch can change it, or send it again later.
 */
import { z } from 'zod';

const coordinate = z.string().regex(/^[\w-]{43}$/, '32 bytes as base64url');
const signature = z.string().regex(/^[\w-]{86}$/, '64 bytes as base64url');
const instance = z.string().regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, - or _');

/** `POST /v1/instances`. `signature` is over {@link instanceText}: who registers a key has it. */
export const instanceKeySchema = z.object({ instance, x: coordinate, y: coordinate, signature });
export type InstanceKey = z.output<typeof instanceKeySchema>;

/** Headers of a signed batch, beside that with its id. */
export const INSTANCE_HEADER = 'plimsoll-instance';
/** Milliseconds since the epoch; higher with each signature of an instance. */
export const SIGNED_AT_HEADER = 'plimsoll-signed-at';
export const SIGNATURE_HEADER = 'plimsoll-signature';

export const batchSignatureSchema = z.object({
  [INSTANCE_HEADER]: instance,
  [SIGNED_AT_HEADER]: z
    .string()
    .regex(/^\d{1,15}$/, 'milliseconds since the epoch')
    .transform(Number),
  [SIGNATURE_HEADER]: signature,
});

/** @param key public part of the API key. */
export const instanceText = (key: string, { instance: id, x, y }: Omit<InstanceKey, 'signature'>): string =>
  `plimsoll-instance\n${key}\n${id}\n${x}\n${y}\n`;

/** What stands before the body; no part of it can hold a line feed. */
export const batchText = (key: string, said: { instance: string; batch: string; signedAt: number }): string =>
  `plimsoll-batch\n${key}\n${said.instance}\n${said.batch}\n${said.signedAt}\n`;

/** How far the time of a signature may be from the receiver's. */
export const SIGNATURE_VALID_MS = 5 * 60_000;
