/**
 * Access tokens: ES256 JWTs of 15 minutes (RFC 9068), signed by jose with the active key, verified by passport-jwt with
 * the key that `kid` names in the ring. One audience a surface, so that what a socket was given opens no API, and each is
 * bound to the session's key (`cnf.jkt`). A good token is not enough to get in: see admission.ts.
 */
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SessionState } from '@plimsoll/storage';
import { SignJWT } from 'jose';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { z } from 'zod';
import { type Context, InjectContext } from '../context.js';
import { KeyRing } from './key-ring.js';
import { readHeader, tokenHeaderSchema } from './token-text.js';

const LIFE_SECONDS = 15 * 60;
/** Clocks of two processes of one installation may differ by this much. */
const SKEW_MS = 5_000;

/** Who takes a token: the API, or the live socket. */
export const audiences = { admin: 'plimsoll-admin', live: 'plimsoll-live' } as const;
export type Audience = keyof typeof audiences;
/** Whom tokens are issued to (RFC 9068, 2.2): there is one client. */
const CLIENT = 'plimsoll-console';

/** What a token of ours says, once its signature, audience and times are good. */
export interface Claims {
  personId: string;
  sessionId: string;
  tokenVersion: number;
  jkt: string;
  /** Milliseconds. */
  issuedAt: number;
  expiresAt: number;
}

const claimsSchema = (issuer: string, audience: Audience) =>
  z.strictObject({
    iss: z.literal(issuer),
    aud: z.literal(audiences[audience]),
    client_id: z.literal(CLIENT),
    sub: z.string(),
    sid: z.string(),
    ver: z.int(),
    jti: z.string(),
    amr: z.array(z.string()),
    acr: z.string(),
    auth_time: z.int(),
    cnf: z.strictObject({ jkt: z.string().regex(/^[\w-]{43}$/) }),
    iat: z.int(),
    exp: z.int(),
  });

@Injectable()
export class AccessTokens {
  /** Our own, not the module's global one: two servers in one process must not share keys. */
  private readonly passport = new passport.Authenticator();
  private readonly issuer: string;

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly ring: KeyRing,
  ) {
    this.issuer = context.env.PUBLIC_URL.origin;
    for (const audience of Object.keys(audiences) as Audience[]) this.passport.use(audience, this.strategy(audience));
  }

  /** One token a surface; they end together. */
  async issue(session: SessionState): Promise<{ accessToken: string; liveToken: string; expiresAt: number }> {
    const iat = Math.floor(this.context.now() / 1000);
    const exp = Math.min(iat + LIFE_SECONDS, Math.floor(session.endsAt / 1000));
    const [accessToken, liveToken] = await Promise.all(
      (['admin', 'live'] as const).map((audience) => this.sign(session, audience, iat, exp)),
    );
    return { accessToken: accessToken!, liveToken: liveToken!, expiresAt: exp * 1000 };
  }

  /**
   * What a token in an `Authorization` header of the scheme DPoP says.
   *
   * @returns undefined for every kind of bad token.
   */
  read(authorization: string, audience: Audience): Promise<Claims | undefined> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, claims?: Claims | false | null) => (error ? reject(error) : resolve(claims || undefined));
      const run = this.passport.authenticate(audience, { session: false }, done);
      run({ headers: { authorization } }, {}, done);
    });
  }

  private sign(session: SessionState, audience: Audience, iat: number, exp: number): Promise<string> {
    const { kid, privateKey } = this.ring.active;
    const { id: sid, tokenVersion: ver, amr, acr, authAt, jkt } = session;
    return new SignJWT({ client_id: CLIENT, sid, ver, amr: [amr], acr, auth_time: Math.floor(authAt / 1000), cnf: { jkt } })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer(this.issuer)
      .setAudience(audiences[audience])
      .setSubject(session.person.id)
      .setJti(randomUUID())
      .setIssuedAt(iat)
      .setExpirationTime(exp)
      .sign(privateKey);
  }

  private strategy(audience: Audience): Strategy {
    const schema = claimsSchema(this.issuer, audience);
    return new Strategy(
      {
        // passport-jwt's own extractor takes the second word of any header, whatever follows it.
        jwtFromRequest: ({ headers }) => /^DPoP (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? null,
        secretOrKeyProvider: (_request, token: string, done) => {
          const header = readHeader(token, tokenHeaderSchema);
          const key = header && this.ring.publicKey(header.kid);
          if (key) done(null, key);
          else done(new Error('not a token of ours'));
        },
        algorithms: ['ES256'],
        issuer: this.issuer,
        audience: audiences[audience],
      },
      (payload: unknown, done: (error: unknown, claims?: Claims | false) => void) => {
        const parsed = schema.safeParse(payload);
        done(null, parsed.success && this.inTime(parsed.data));
      },
    );
  }

  private inTime(claims: z.output<ReturnType<typeof claimsSchema>>): Claims | false {
    const { sub, sid, ver, cnf, iat, exp } = claims;
    const now = this.context.now();
    if (iat * 1000 < this.ring.notBefore) return false;
    if (exp * 1000 <= now || iat * 1000 > now + SKEW_MS || exp - iat > LIFE_SECONDS) return false;
    return {
      personId: sub,
      sessionId: sid,
      tokenVersion: ver,
      jkt: cnf.jkt,
      issuedAt: iat * 1000,
      expiresAt: exp * 1000,
    };
  }
}
