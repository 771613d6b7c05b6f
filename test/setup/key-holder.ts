/**
 * A client's side of DPoP (RFC 9449), made of node:crypto alone so that it shares nothing with the server that it tests: holds a
 * key, proves it with each request, learns nonces.
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

export interface ProofAbout {
  method: string;
  /** With our public origin; a query is left out of the proof. */
  url: string;
  accessToken?: string | undefined;
  body?: string | undefined;
  /** Counts this refresh. */
  count?: number | undefined;
  /** In place of what would be right; undefined leaves a member out. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
}

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('base64url');
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export class KeyHolder {
  readonly #privateKey: KeyObject;
  readonly jwk: { kty: 'EC'; crv: 'P-256'; x: string; y: string };
  readonly jkt: string;
  /** The last that a server gave. */
  nonce: string | undefined;

  constructor(pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })) {
    const { privateKey, publicKey } = pair;
    const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    this.#privateKey = privateKey;
    this.jwk = { kty: 'EC', crv: 'P-256', x, y };
    this.jkt = sha256(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }));
  }

  /** A copy that has the same key. */
  clone(): KeyHolder {
    const { nonce } = this;
    const pair = { privateKey: this.#privateKey, publicKey: createPublicKey(this.#privateKey) };
    return Object.assign(new KeyHolder(pair), { nonce });
  }

  proof({ method, url, accessToken, body, count, claims, header }: ProofAbout): string {
    const place = new URL(url);
    const payload = {
      ...{ jti: randomUUID(), htm: method, htu: place.origin + place.pathname, iat: Math.floor(Date.now() / 1000) },
      ...{ nonce: this.nonce, cnt: count },
      ...{ ath: accessToken === undefined ? undefined : sha256(accessToken), bdh: body === undefined ? undefined : sha256(body) },
      ...claims,
    };
    return this.sign({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk, ...header }, payload);
  }

  sign(header: object, payload: object): string {
    const input = `${encode(header)}.${encode(payload)}`;
    const signature = sign('sha256', Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  /**
   * Sends a request with a proof, and once more where the server asks for its nonce.
   *
   * @param about `origin`: the public one where the request goes to another; `headers` of `init` win.
   */
  async fetch(
    url: string,
    init: { method?: string; headers?: Record<string, string>; body?: string },
    about: { accessToken?: string | undefined; origin?: string; count?: number | undefined } = {},
  ): Promise<Response> {
    const { method = 'GET', body } = init;
    const { accessToken, origin = new URL(url).origin, count } = about;
    const place = new URL(url);
    const attempt = () => {
      const htu = origin + place.pathname;
      const dpop = this.proof({ method, url: htu, accessToken, body, count });
      const authorization: Record<string, string> = accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` };
      return fetch(url, { redirect: 'manual', ...init, headers: { ...authorization, dpop, ...init.headers } });
    };
    const answer = await attempt();
    const asked = this.learn(answer.headers) && [400, 401].includes(answer.status);
    if (!asked || !(await answer.clone().text()).includes('"use_dpop_nonce"')) return answer;
    const second = await attempt();
    this.learn(second.headers);
    return second;
  }

  private learn(headers: Headers): boolean {
    const nonce = headers.get('dpop-nonce');
    if (nonce !== null) this.nonce = nonce;
    return nonce !== null;
  }
}
