/**
 * Proves each request with the browser's key (DPoP, RFC 9449): method, address, token, body and the server's nonce, signed.
 * Keeps the key and the last nonce in memory; what another tab does to the key is read again at each refresh.
 */
import { type BrowserKey, indexedKey, type KeyStore } from './browser-key.js';

export interface ProofAbout {
  method: string;
  /** Absolute. */
  url: string;
  accessToken?: string | undefined;
  body?: string | undefined;
  /** Whether this is a refresh, which is counted. */
  counted?: boolean | undefined;
}

const base64url = (bytes: Uint8Array<ArrayBuffer>): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const utf8 = (text: string) => new TextEncoder().encode(text);
const encode = (value: object): string => base64url(utf8(JSON.stringify(value)));
const digest = async (text: string) => base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));

/** The server takes a nonce for five minutes at least. */
const NONCE_GOOD_MS = 4 * 60_000;

interface Held {
  key: BrowserKey;
  header: string;
}

export class Prover {
  readonly #store: KeyStore;
  #held: Promise<Held> | undefined;
  #nonce: { text: string; at: number } | undefined;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** The last that the server gave. */
  get nonce(): string | undefined {
    return this.#nonce?.text;
  }
  set nonce(text: string | undefined) {
    this.#nonce = text === undefined ? undefined : { text, at: Date.now() };
  }

  /** Whether a nonce should be asked for before the next proof: there is none, or the machine has slept since. */
  get stale(): boolean {
    const age = this.#nonce ? Date.now() - this.#nonce.at : -1;
    return age < 0 || age > NONCE_GOOD_MS;
  }

  async proof({ method, url, accessToken, body, counted }: ProofAbout): Promise<string> {
    const cnt = counted ? await this.#store.count() : undefined;
    this.#held ??= this.#hold();
    const { key, header } = await this.#held.catch((error: unknown) => {
      this.#held = undefined;
      throw error;
    });
    const place = new URL(url);
    const payload = encode({
      ...{ jti: crypto.randomUUID(), htm: method, htu: place.origin + place.pathname, iat: Math.floor(Date.now() / 1000) },
      ...{ nonce: this.nonce, cnt },
      ...(accessToken !== undefined && { ath: await digest(accessToken) }),
      ...(body !== undefined && { bdh: await digest(body) }),
    });
    const input = utf8(`${header}.${payload}`);
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, input);
    return `${header}.${payload}.${base64url(new Uint8Array(signature))}`;
  }

  /** The key is read again, since another tab may have signed out and in. */
  reload(): void {
    this.#held = undefined;
  }

  /** Another key for whoever signs in next. */
  async forget(): Promise<void> {
    this.#held = undefined;
    await this.#store.forget();
  }

  async #hold(): Promise<Held> {
    const key = await this.#store.get();
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
    return { key, header: encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }) };
  }
}

export const prover = new Prover(indexedKey);
