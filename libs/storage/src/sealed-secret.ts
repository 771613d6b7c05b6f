/**
 * Random secrets that lie in the database, sealed by AES-256-GCM under the installation's master key: whoever has the
 * database, or a backup of it, alone cannot use them.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Database } from './database.js';
import { consoleSetting } from './schema-people.js';

const BYTES = 32;

/**
 * The secret of a name, made where there is none. One that was sealed under another master key cannot be opened and is
 * replaced.
 *
 * @param masterKey 32 bytes.
 */
export async function sealedSecret(db: Database, name: string, masterKey: Buffer): Promise<Buffer> {
  const known = await readSealed(db, name, masterKey);
  if (known) return known;
  const value = seal(randomBytes(BYTES), name, masterKey);
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(consoleSetting).where(eq(consoleSetting.name, name)).for('update');
    // Another process was first.
    if (row && open(row.value, name, masterKey)) return;
    await tx
      .insert(consoleSetting)
      .values({ name, value })
      .onConflictDoUpdate({ target: consoleSetting.name, set: { value: row ? value : consoleSetting.value } });
  });
  const made = await readSealed(db, name, masterKey);
  if (made === undefined) throw new Error(`the secret ${name} cannot be opened`);
  return made;
}

async function readSealed(db: Database, name: string, masterKey: Buffer): Promise<Buffer | undefined> {
  const [row] = await db.select().from(consoleSetting).where(eq(consoleSetting.name, name));
  return row && open(row.value, name, masterKey);
}

function seal(secret: Buffer, name: string, masterKey: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function open(value: unknown, name: string, masterKey: Buffer): Buffer | undefined {
  const bytes = Buffer.from(String(value), 'base64url');
  if (bytes.length !== 12 + 16 + BYTES) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, 12)).setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch {
    return undefined;
  }
}
