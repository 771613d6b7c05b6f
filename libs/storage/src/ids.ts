/** Ids that Plimsoll makes. A client's text never becomes an id or a key: it is hashed first. */
import { createHash, randomBytes } from 'node:crypto';

/** A random id: `newId('dec')` -> `dec_` and 16 characters of 96 random bits. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('base64url')}`;

/** 144 bits of SHA-256 over the parts' JSON, so that parts cannot run into each other; 24 characters. */
export const digest = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 24);

/** The same id for the same parts: `hashId('al', ...)` -> `al_` and their digest. */
export const hashId = (prefix: string, ...parts: readonly (string | number)[]): string => `${prefix}_${digest(...parts)}`;
