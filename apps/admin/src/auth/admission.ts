/**
 * The one door for callers with a session, by HTTP and by socket: a good access token of this surface, a proof by its key about
 * this very request, a session that is alive, bound to that key and of the person's present version, and at last that the
 * proof is used for the first time. The cheapest checks come first, and each that cannot be made refuses.
 */
import { Injectable } from '@nestjs/common';
import type { Person, PersonAttributes } from '@plimsoll/contracts';
import { type Assurance, type AuthMethod, endCopiedSession, useProof } from '@plimsoll/storage';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { AccessTokens, type Audience, type Claims } from './access-tokens.js';
import { NONCE_MS } from './nonces.js';
import { type Proof, Proofs, type Proved } from './proofs.js';
import { RecentProofs } from './recent-proofs.js';
import { SessionCache } from './session-cache.js';
import { SessionEnds } from './session-ends.js';

/** Who asks: a person, or an API key under its own id and name (api-keys.ts). */
export interface Who extends Pick<Person, 'id' | 'name'> {
  role: Person['role'] | 'key';
}

export interface Principal {
  person: Who;
  /** For the access policy, beside the role. */
  attributes: PersonAttributes;
  sessionId: string;
  /** How the person has shown last who it is, what that is worth, and when (milliseconds): as the session says now. */
  amr: AuthMethod | 'key';
  acr: Assurance;
  authAt: number;
  /** How many passkeys the person has, and whether all of them are bound to their devices. */
  passkeys: number;
  deviceBound: boolean;
  /** RFC 7638 thumbprint of the key that the session is bound to. */
  jkt: string;
  /** End of the access token, milliseconds. */
  expiresAt: number;
}

export interface Entry extends Omit<Proved, 'accessToken'> {
  /** The Authorization header. */
  authorization: string | undefined;
  audience: Audience;
  address: string;
}

/** By the names of RFC 9449 and RFC 6750. `unavailable`: a store that has to say does not answer. */
export type Refusal = 'no-token' | 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce' | 'unavailable';
export type Admitted = { type: 'admitted'; principal: Principal } | { type: 'refused'; refusal: Refusal };

const refused = (refusal: Refusal): Admitted => ({ type: 'refused', refusal });

@Injectable()
export class Admission {
  private readonly recent = new RecentProofs();

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly tokens: AccessTokens,
    private readonly proofs: Proofs,
    private readonly sessions: SessionCache,
    private readonly ends: SessionEnds,
  ) {}

  /** @throws what PostgreSQL throws where a session cannot be read: the caller makes a refusal of it. */
  async admit(entry: Entry): Promise<Admitted> {
    const [scheme, accessToken] = entry.authorization?.split(' ') ?? [];
    if (entry.authorization === undefined || accessToken === undefined) return refused('no-token');
    const claims = await this.tokens.read(entry.authorization.replace(/^bearer /i, 'DPoP '), entry.audience);
    if (claims === undefined) return refused('invalid_token');
    // Our pages bind every token and never send one like this: it was copied (RFC 9449, 7.2).
    if (scheme?.toLowerCase() === 'bearer') return this.stolen(claims, entry);
    const proof = await this.proofs.check({ ...entry, accessToken });
    if (proof.type === 'faulty') return refused(proof.fault === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof');
    if (proof.jkt !== claims.jkt) return this.stolen(claims, entry);
    const session = await this.sessions.alive(claims.sessionId);
    if (session === undefined || session.person.id !== claims.personId) return refused('invalid_token');
    if (session.tokenVersion !== claims.tokenVersion || session.jkt !== claims.jkt) return refused('invalid_token');
    const first = await this.useOnce(proof);
    if (first !== 'first') return refused(first);
    const { person, attributes, id: sessionId, amr, acr, authAt, passkeys, deviceBound, jkt } = session;
    const principal = {
      person,
      attributes,
      sessionId,
      amr,
      acr,
      authAt,
      passkeys,
      deviceBound,
      jkt,
      expiresAt: claims.expiresAt,
    };
    return { type: 'admitted', principal };
  }

  /**
   * A caller without a session, who must show a key all the same.
   *
   * @throws {ProblemError} with status 400, as a token endpoint answers.
   */
  async stranger(proved: Proved): Promise<Proof> {
    const proof = await this.proofs.check(proved);
    if (proof.type === 'faulty') throw refusalProblem(proof.fault === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof', 400);
    if (this.recent.use(proof.jkt, proof.jti, NONCE_MS, this.context.now())) return proof;
    throw refusalProblem('invalid_dpop_proof', 400);
  }

  private async useOnce({ jkt, jti }: Proof): Promise<'first' | 'invalid_dpop_proof' | 'unavailable'> {
    const { redis, env, log } = this.context;
    try {
      return (await useProof(redis, env.PLIMSOLL_NAMESPACE, jkt, jti, NONCE_MS)) ? 'first' : 'invalid_dpop_proof';
    } catch (err) {
      log.warn({ err }, 'nobody is let in: used proofs cannot be looked up');
      return 'unavailable';
    }
  }

  /** A token without its key: no access, the session ends, the person is told. */
  private async stolen({ sessionId, personId, tokenVersion, jkt }: Claims, { address }: Entry): Promise<Admitted> {
    const { db, log, now } = this.context;
    const session = await this.sessions.alive(sessionId);
    if (session?.person.id !== personId || session.tokenVersion !== tokenVersion || session.jkt !== jkt) {
      return refused('invalid_token');
    }
    log.warn({ sessionId, address }, 'an access token was used without its key: session ended');
    if (await db.transaction((tx) => endCopiedSession(tx, sessionId, 'token-theft', address, now()))) {
      await this.ends.announce([sessionId]);
    }
    return refused('invalid_token');
  }
}

const sentences: Record<Refusal, string> = {
  'no-token': 'Sign in first.',
  invalid_token: 'Sign in, or refresh the access token.',
  invalid_dpop_proof: 'The request carries no good proof of its key (DPoP, RFC 9449).',
  use_dpop_nonce: 'Put the nonce of the DPoP-Nonce header into the proof.',
  unavailable: 'A store cannot be reached right now. Try again in a moment.',
};

/** @param status 400 where it is no question of an access token. */
export function refusalProblem(refusal: Refusal, status?: 400): ProblemError {
  const detail = sentences[refusal];
  if (refusal === 'unavailable') return new ProblemError('unavailable', detail, { retryAfterSeconds: 2 });
  if (refusal === 'no-token') return new ProblemError('unauthenticated', detail);
  const code =
    refusal === 'use_dpop_nonce' ? 'nonce-required' : refusal === 'invalid_token' ? 'unauthenticated' : 'proof-invalid';
  return new ProblemError(code, detail, { error: refusal, ...(status && { status }) });
}
