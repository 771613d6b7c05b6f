/**
 * The keys that sign the decision feed. One is active; its successor is endorsed by its signature, after which its private
 * part is wiped. An API key pins one of them by its thumbprint, and an SDK walks from there to the present one, so that
 * it never has to trust a key on first use. Sealed under a secret of the feed's own: ingestion, which signs, must not be
 * able to sign people's access tokens, nor the console decisions.
 */
import { type KeyObject, sign } from 'node:crypto';
import type { FeedKeys, FeedSignatureType } from '@plimsoll/contracts';
import { asc, eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { feedKey } from './schema-channel.js';
import { canonicalJwk, newSealedKey, type PublicJwk, unsealKey } from './sealed-keys.js';

/** A key signs for this long. A chain of ten years is 120 keys: an SDK checks them in about 20 ms, once a connection. */
export const FEED_KEY_ACTIVE_MS = 30 * 24 * 3_600_000;
/** Characters of the thumbprint that an API key carries: 132 bits. */
const PIN_LENGTH = 22;
const RING_LOCK = 'plimsoll:feed-keys';

export interface FeedSigner {
  kid: string;
  privateKey: KeyObject;
}
/** The chain that ends in the active key. */
export interface FeedRing {
  signer: FeedSigner;
  /** Oldest first; the last is the active one. */
  chain: readonly { kid: string; x: string; y: string; endorsement: string }[];
}

type Row = typeof feedKey.$inferSelect;

/** What an API key carries of the signing key. */
export const pinOf = (ring: FeedRing): string => ring.signer.kid.slice(0, PIN_LENGTH);

/**
 * The ring as it must be at `now`; makes the first key, or the next where the active one is old. Any number of processes
 * may call it at any time. Where the secret does not open the active key, a new chain begins: API keys that pin the old
 * one follow no decision any more.
 *
 * @param secret 32 bytes.
 */
export async function turnFeedKeys(db: Database, secret: Buffer, now: number): Promise<FeedRing> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${RING_LOCK}, 0))`);
    const [row] = await tx.select().from(feedKey).where(eq(feedKey.state, 'active'));
    const privateKey = row && unsealKey(row, secret);
    const active = row && privateKey && { row, signer: { kid: row.kid, privateKey } };
    if (active !== undefined && now - active.row.createdAt < FEED_KEY_ACTIVE_MS) return ringOf(tx, active.row, active.signer);
    await tx.update(feedKey).set({ state: 'past', privateJwk: '' }).where(eq(feedKey.state, 'active'));
    const made = newSealedKey(secret);
    const before = {
      position: active ? active.row.position + 1 : 0,
      previous: active?.row.kid ?? '',
      endorsement: active ? signDetached('plimsoll-feed-key', Buffer.from(canonicalJwk(made.publicJwk)), active.signer) : '',
    };
    const [next] = await tx
      .insert(feedKey)
      .values({ ...made, ...before, state: 'active', createdAt: now })
      .returning();
    return ringOf(tx, next!, { kid: made.kid, privateKey: unsealKey(made, secret)! });
  });
}

async function ringOf(tx: Transaction, active: Row, signer: FeedSigner): Promise<FeedRing> {
  const rows = new Map((await tx.select().from(feedKey).orderBy(asc(feedKey.position))).map((row) => [row.kid, row]));
  const chain: Row[] = [active];
  for (
    let row = rows.get(active.previous);
    row !== undefined && row.position < chain[0]!.position;
    row = rows.get(row.previous)
  ) {
    chain.unshift(row);
  }
  return {
    signer,
    chain: chain.map(({ kid, publicJwk, endorsement }) => {
      const { x, y } = publicJwk as PublicJwk;
      return { kid, x, y, endorsement };
    }),
  };
}

/** The chain from a pinned key to the present one; undefined where the pin is not in it. */
export function feedKeysFrom({ chain }: FeedRing, pin: string): FeedKeys | undefined {
  const start = chain.findIndex(({ kid }) => kid.startsWith(pin));
  const pinned = chain[start];
  if (pinned === undefined || pin.length !== PIN_LENGTH) return undefined;
  return {
    pinned: { x: pinned.x, y: pinned.y },
    successors: chain.slice(start + 1).map(({ x, y, endorsement }) => ({ x, y, jws: endorsement })),
  };
}

/** A JWS without its payload (RFC 7515 appendix F) over these bytes as they are (RFC 7797): `header..signature`. */
export function signDetached(typ: FeedSignatureType, payload: Buffer, { kid, privateKey }: FeedSigner): string {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', b64: false, crit: ['b64'], kid, typ })).toString('base64url');
  const signature = sign('sha256', Buffer.concat([Buffer.from(`${header}.`), payload]), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${header}..${signature.toString('base64url')}`;
}
