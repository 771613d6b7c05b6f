/**
 * Signs batches with a key of this instance, which never leaves the process (ES256, P-256): where the host asks for it, or as soon as
 * Plimsoll says that the API key requires it. The key is made and used by threads of the pool, the body is hashed there too: the host's event
 * loop copies it and no more. Nothing here throws or rejects; what cannot be signed is sent as it is, and refused where it must be signed.
 */
import { generateKeyPair, type KeyObject, sign } from 'node:crypto';
import type { Faults } from './faults.js';
import type { Answer, Call } from './wire.js';

interface Pair {
  privateKey: KeyObject;
  x: string;
  y: string;
}

const TIMEOUT_MS = 5_000;

/** Twice what a signature may be off: one made for so long ahead was refused. */
const NEVER_TAKEN_MS = 600_000;

export class BatchSigner {
  #on: boolean;
  #pair: Promise<Pair | undefined> | undefined;
  #registered = false;
  #signedAt = 0;

  constructor(
    private readonly call: (call: Call) => Promise<Answer>,
    /** Public part of the API key. */
    private readonly prefix: string,
    private readonly instance: string,
    /** The server's time where the signed feed has told it, else the host's; milliseconds since the epoch. */
    private readonly serverNow: () => number,
    private readonly faults: Faults,
    always: boolean,
  ) {
    this.#on = always;
  }

  get on(): boolean {
    return this.#on;
  }

  /** The headers of a batch's signature; none while batches are not signed. Again for each try: the time in them must be fresh. */
  async headers(batch: string, body: Buffer): Promise<Record<string, string>> {
    if (!this.#on) return {};
    const pair = await this.#keys();
    if (pair === undefined || !(this.#registered || (await this.#register(pair)))) return {};
    // Later with each signature, whatever the clocks do: what is not later counts as a replay. So far ahead none was ever
    // taken: it is of the host's own clock, from before the server's was known.
    const now = Math.round(this.serverNow());
    this.#signedAt = this.#signedAt > now + NEVER_TAKEN_MS ? now : Math.max(now, this.#signedAt + 1);
    const at = String(this.#signedAt);
    const signature = await signed(Buffer.concat([Buffer.from(textOf(this.prefix, this.instance, batch, at)), body]), pair);
    if (signature === undefined) return {};
    return { 'plimsoll-instance': this.instance, 'plimsoll-signed-at': at, 'plimsoll-signature': signature };
  }

  /** Learns from an answer; true where the batch may be taken if it is sent again at once. */
  learns(answer: Answer): boolean {
    if (answer.type !== 'answer' || answer.status !== 401) return false;
    const code = codeOf(answer.text);
    if (code === 'signature-required' && !this.#on) {
      this.#on = true;
      return true;
    }
    // Plimsoll has forgotten the key: an hour without a batch, or a loss of its memory.
    if (code === 'instance-unknown' && this.#registered) {
      this.#registered = false;
      return true;
    }
    return false;
  }

  #keys(): Promise<Pair | undefined> {
    this.#pair ??= new Promise((resolve) =>
      generateKeyPair('ec', { namedCurve: 'P-256' }, (error, publicKey, privateKey) => {
        const { x, y } = error ? {} : publicKey.export({ format: 'jwk' });
        if (error) this.faults.report('internal', 'no key could be made to sign batches', error);
        resolve(x === undefined || y === undefined ? undefined : { privateKey, x, y });
      }),
    );
    return this.#pair;
  }

  async #register(pair: Pair): Promise<boolean> {
    const { x, y } = pair;
    const text = `plimsoll-instance\n${this.prefix}\n${this.instance}\n${x}\n${y}\n`;
    const signature = await signed(Buffer.from(text), pair);
    const body = Buffer.from(JSON.stringify({ instance: this.instance, x, y, signature }));
    const headers = { 'content-type': 'application/json' };
    const answer = await this.call({
      method: 'POST',
      path: '/v1/instances',
      headers,
      body,
      timeoutMs: TIMEOUT_MS,
      maxBytes: 65_536,
    });
    this.#registered = answer.type === 'answer' && answer.status === 204;
    if (!this.#registered) {
      const why = answer.type === 'answer' ? `it answered ${answer.status}` : answer.message;
      this.faults.report(
        answer.type === 'answer' ? 'refused' : 'unreachable',
        `the key of this instance was not registered: ${why}`,
      );
    }
    return this.#registered;
  }
}

const textOf = (prefix: string, instance: string, batch: string, at: string): string =>
  `plimsoll-batch\n${prefix}\n${instance}\n${batch}\n${at}\n`;

/** By a thread of the pool. */
function signed(bytes: Buffer, { privateKey }: Pair): Promise<string | undefined> {
  return new Promise((resolve) =>
    sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }, (error, signature) =>
      resolve(error ? undefined : signature.toString('base64url')),
    ),
  );
}

/** The code of a problem document. */
function codeOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
  } catch {
    return '';
  }
}
