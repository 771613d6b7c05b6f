/**
 * Access tokens: ES256 JWTs of 15 minutes (RFC 9068), signed by jose with the active key, verified by passport-jwt with
 * the key that `kid` names in the ring. A good signature is not enough: the session must be alive and the person's
 * token version unchanged. HTTP and the socket come in by the same door.
 */
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Person, PersonAttributes } from '@plimsoll/contracts';
import type { Assurance, AuthMethod, SessionState } from '@plimsoll/storage';
import { SignJWT } from 'jose';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { z } from 'zod';
import { type Context, InjectContext } from '../context.js';
import { KeyRing } from './key-ring.js';
import { SessionCache } from './session-cache.js';
import { readTokenHeader } from './token-text.js';

const LIFE_SECONDS = 15 * 60;
const AUDIENCE = 'plimsoll-admin';
/** Clocks of two processes of one installation may differ by this much. */
const SKEW_MS = 5_000;

export interface Principal {
  person: Person;
  /** For the access policy, beside the role. */
  attributes: PersonAttributes;
  sessionId: string;
  /** How the person has shown last who it is, what that is worth, and when (milliseconds): as the session says now. */
  amr: AuthMethod;
  acr: Assurance;
  authAt: number;
  /** RFC 7638 thumbprint of the key that the session is bound to. */
  jkt: string;
  /** End of the access token, milliseconds. */
  expiresAt: number;
}

@Injectable()
export class AccessTokens {
  /** Our own, not the module's global one: two servers in one process must not share keys. */
  private readonly passport = new passport.Authenticator();
  private readonly claims;
  private readonly issuer: string;

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly ring: KeyRing,
    private readonly sessions: SessionCache,
  ) {
    this.issuer = context.env.PUBLIC_URL.origin;
    this.claims = z.strictObject({
      iss: z.literal(this.issuer),
      aud: z.literal(AUDIENCE),
      sub: z.string(),
      sid: z.string(),
      ver: z.int(),
      jti: z.string(),
      amr: z.array(z.string()),
      acr: z.string(),
      auth_time: z.int(),
      iat: z.int(),
      exp: z.int(),
    });
    this.passport.use(this.strategy());
  }

  async issue(session: SessionState): Promise<{ accessToken: string; expiresAt: number }> {
    const { kid, privateKey } = this.ring.active;
    const iat = Math.floor(this.context.now() / 1000);
    const exp = Math.min(iat + LIFE_SECONDS, Math.floor(session.endsAt / 1000));
    const { id: sid, tokenVersion: ver, amr, acr, authAt } = session;
    const accessToken = await new SignJWT({ sid, ver, amr: [amr], acr, auth_time: Math.floor(authAt / 1000) })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer(this.issuer)
      .setAudience(AUDIENCE)
      .setSubject(session.person.id)
      .setJti(randomUUID())
      .setIssuedAt(iat)
      .setExpirationTime(exp)
      .sign(privateKey);
    return { accessToken, expiresAt: exp * 1000 };
  }

  /**
   * Who stands behind an `Authorization` header.
   *
   * @returns undefined for every kind of bad token; throws only where a store fails, so that nobody gets in by a fault.
   */
  authenticate(authorization: string | undefined): Promise<Principal | undefined> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, principal?: Principal | false | null) =>
        error ? reject(error) : resolve(principal || undefined);
      const run = this.passport.authenticate('jwt', { session: false }, done);
      run({ headers: { authorization } }, {}, done);
    });
  }

  private strategy(): Strategy {
    return new Strategy(
      {
        // passport-jwt's own extractor takes the second word of any header, whatever follows it.
        jwtFromRequest: ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? null,
        secretOrKeyProvider: (_request, token: string, done) => {
          const header = readTokenHeader(token);
          const key = header && this.ring.publicKey(header.kid);
          if (key) done(null, key);
          else done(new Error('not a token of ours'));
        },
        algorithms: ['ES256'],
        issuer: this.issuer,
        audience: AUDIENCE,
      },
      (payload: unknown, done: (error: unknown, principal?: Principal | false) => void) => {
        this.accept(payload).then((principal) => done(null, principal ?? false), done);
      },
    );
  }

  /** Of claims whose signature is good: still in time, and of a session that is alive. */
  private async accept(payload: unknown): Promise<Principal | undefined> {
    const parsed = this.claims.safeParse(payload);
    if (!parsed.success) return undefined;
    const { sub, sid, ver, iat, exp } = parsed.data;
    const now = this.context.now();
    if (exp * 1000 <= now || iat * 1000 > now + SKEW_MS || exp - iat > LIFE_SECONDS) return undefined;
    const session = await this.sessions.alive(sid);
    if (session === undefined || session.person.id !== sub || session.tokenVersion !== ver) return undefined;
    const { person, attributes, amr, acr, authAt, jkt } = session;
    return { person, attributes, sessionId: sid, amr, acr, authAt, jkt, expiresAt: exp * 1000 };
  }
}
