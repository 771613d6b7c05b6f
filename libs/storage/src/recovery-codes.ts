/** Recovery codes: ten of 120 random bits, each good once. Only their SHA-256 is kept; of so many bits it can be plain (ASVS 6.5.2). */
import { randomBytes } from 'node:crypto';
import { and, count, eq, isNull, max } from 'drizzle-orm';
import type { Database, Transaction } from './database.js';
import { hashOf } from './people.js';
import { recoveryCode } from './schema-people.js';

const CODES = 10;
const BYTES = 15;
/** Crockford's: no I, L, O, U, so that what was written down is read back. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Six groups of four: `3F7K-...`. */
function newCode(): string {
  const bits = [...randomBytes(BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)] ?? '').join('');
  return (letters.match(/.{4}/g) ?? []).join('-');
}

/** As it is hashed: without dashes and blanks, and with the letters that people mistake. */
const normal = (code: string): string =>
  code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');

/** New codes in clear, for this answer alone; those before are void. */
export async function makeRecoveryCodes(tx: Transaction, personId: string, now: number): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode);
  await tx.delete(recoveryCode).where(eq(recoveryCode.personId, personId));
  await tx.insert(recoveryCode).values(codes.map((code) => ({ hash: hashOf(normal(code)), personId, createdAt: now })));
  return codes;
}

/** Uses a code up; one statement decides, so that of many at once one gets in. @returns whose it is. */
export async function redeemRecoveryCode(tx: Transaction, code: string, now: number): Promise<string | undefined> {
  const [used] = await tx
    .update(recoveryCode)
    .set({ usedAt: now })
    .where(and(eq(recoveryCode.hash, hashOf(normal(code))), isNull(recoveryCode.usedAt)))
    .returning({ personId: recoveryCode.personId });
  return used?.personId;
}

export async function recoveryCodesLeft(
  db: Database | Transaction,
  personId: string,
): Promise<{ left: number; madeAt: number | null }> {
  const [row] = await db
    .select({ left: count(), madeAt: max(recoveryCode.createdAt) })
    .from(recoveryCode)
    .where(and(eq(recoveryCode.personId, personId), isNull(recoveryCode.usedAt)));
  return { left: row?.left ?? 0, madeAt: row?.madeAt ?? null };
}
