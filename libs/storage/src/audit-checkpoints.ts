/**
 * Signed heads of the audit's chain. Who owns the database can rewrite all of it with hashes that fit, or cut its end off; the
 * signature of an earlier head, kept where the database's owner does not reach (a file, the log), shows either. The ES256 key
 * is derived from the installation's master key, so that whoever has that can verify without trusting a table.
 */
import { createECDH, createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '@plimsoll/contracts';
import { desc, lt } from 'drizzle-orm';
import { type AuditFault, type ChainPoint, headOf, verifyAudit } from './audit-verify.js';
import type { Database } from './database.js';
import { auditCheckpoint } from './schema-audit.js';
import { canonicalJwk } from './sealed-keys.js';

const TYP = 'plimsoll-audit+jws';
/** The order of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
/** Older ones go: each newer one speaks for all rows before it. The file keeps more of them. */
const KEPT = 1_000;

export interface Checkpoint extends ChainPoint {
  /** Milliseconds since the epoch. */
  at: number;
  /** Compact JWS (RFC 7515) over the three. */
  jws: string;
}

export interface AuditSigner {
  /** RFC 7638 thumbprint. */
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** @param masterKey 32 bytes. The same secret gives the same key: 48 bytes of HKDF, reduced (FIPS 186-5, A.2.1). */
export function auditSigner(masterKey: Buffer): AuditSigner {
  const bytes = Buffer.from(hkdfSync('sha256', masterKey, '', 'plimsoll audit checkpoints', 48));
  const scalar = (BigInt(`0x${bytes.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const ecdh = createECDH('prime256v1');
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const jwk = { kty: 'EC', crv: 'P-256', x, y };
  return {
    kid: createHash('sha256').update(canonicalJwk({ x, y })).digest('base64url'),
    privateKey: createPrivateKey({ key: { ...jwk, d: d.toString('base64url') }, format: 'jwk' }),
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
  };
}

export function signCheckpoint({ id, hash }: ChainPoint, at: number, { kid, privateKey }: AuditSigner): Checkpoint {
  const part = (value: unknown) => Buffer.from(canonicalJson(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', kid, typ: TYP })}.${part({ at, hash, id })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return { id, hash, at, jws: `${signed}.${signature.toString('base64url')}` };
}

/** What a checkpoint says, or undefined where it is not one that this key has signed. */
export function readCheckpoint(jws: string, { kid, publicKey }: Pick<AuditSigner, 'kid' | 'publicKey'>): Checkpoint | undefined {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  if (Buffer.from(header, 'base64url').toString() !== canonicalJson({ alg: 'ES256', kid, typ: TYP })) return undefined;
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))) return undefined;
  const { id, hash, at } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Checkpoint;
  return { id, hash, at, jws };
}

/** The newest checkpoints of the table, newest first. */
export const storedCheckpoints = (db: Database, limit = KEPT): Promise<{ id: number; at: number; jws: string }[]> =>
  db.select().from(auditCheckpoint).orderBy(desc(auditCheckpoint.id)).limit(limit);

/** `signed` by this call; `unchanged` since the last one; `broken`: nothing is signed over a chain that does not hold. */
export type CheckpointOutcome =
  | { type: 'signed'; checkpoint: Checkpoint }
  | { type: 'unchanged'; point: ChainPoint }
  | { type: 'broken'; faults: AuditFault[] };

/**
 * Verifies what came since `last` and signs the head where it has moved. Any number of processes may call it.
 *
 * @param last where this process left off, verified then: the chain must go on from there.
 */
export async function checkpointAudit(
  db: Database,
  signer: AuditSigner,
  last: ChainPoint,
  now: number,
): Promise<CheckpointOutcome> {
  const told = await headOf(db);
  if (told.id === last.id && told.hash === last.hash) return { type: 'unchanged', point: last };
  if (told.id === last.id) return { type: 'broken', faults: [{ type: 'rewritten', id: last.id }] };
  if (told.id < last.id) return { type: 'broken', faults: [{ type: 'truncated', id: told.id + 1, to: last.id }] };
  const { head, faults } = await verifyAudit(db, [], last);
  if (faults.length > 0) return { type: 'broken', faults };
  const checkpoint = signCheckpoint(head, now, signer);
  await db.insert(auditCheckpoint).values({ id: head.id, at: now, jws: checkpoint.jws }).onConflictDoNothing();
  const [oldest] = await db
    .select({ id: auditCheckpoint.id })
    .from(auditCheckpoint)
    .orderBy(desc(auditCheckpoint.id))
    .offset(KEPT)
    .limit(1);
  if (oldest) await db.delete(auditCheckpoint).where(lt(auditCheckpoint.id, oldest.id + 1));
  return { type: 'signed', checkpoint };
}
