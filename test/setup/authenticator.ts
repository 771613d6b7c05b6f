/**
 * A software authenticator (WebAuthn Level 3, chapter 6): makes ES256 passkeys with attestation `none` and assertions with them, and
 * lets a test bend every byte: flags, counter, origin, relying party, type, challenge, handle. The bytes are put together here, by
 * hand, and not by the library that reads them.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Assertion, Attestation, CreationOptions, RequestOptions } from '@plimsoll/contracts';

/** Bits of the flags (6.1). */
export const FLAG = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40 };

/** What a test may bend. */
export interface Bend {
  flags?: number;
  counter?: number;
  origin?: string;
  rpId?: string;
  type?: string;
  challenge?: string;
  crossOrigin?: boolean;
  topOrigin?: string;
  userHandle?: string | undefined;
  /** Another key signs. */
  signer?: KeyObject;
  /** The credential that is named. */
  id?: string;
}

export interface SoftPasskey {
  id: string;
  userHandle: string;
  rpId: string;
  privateKey: KeyObject;
  counter: number;
  /** UP, UV and, where it is copied between devices, BE and BS. */
  flags: number;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const uint = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
/** A CBOR byte string (RFC 8949) shorter than 64 KiB. */
const cborBytes = (bytes: Buffer) =>
  Buffer.concat([
    bytes.length < 256 ? Buffer.from([0x58, bytes.length]) : Buffer.concat([Buffer.from([0x59]), uint(bytes.length, 2)]),
    bytes,
  ]);
const cborText = (text: string) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);

/** COSE key (RFC 9053) of an ES256 key: kty EC2, alg -7, crv P-256, x, y. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const [bx, by] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  return Buffer.concat([
    Buffer.from('a5010203262001', 'hex'),
    Buffer.from([0x21]),
    cborBytes(bx),
    Buffer.from([0x22]),
    cborBytes(by),
  ]);
}

export class Authenticator {
  readonly passkeys: SoftPasskey[] = [];

  /** @param synced passkeys of this one are copied between devices. */
  constructor(
    readonly origin: string,
    readonly synced = false,
  ) {}

  /** `navigator.credentials.create`. */
  make(options: CreationOptions, bend: Bend & { attestation?: { fmt: string; statement: Buffer } } = {}): Attestation {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const flags = FLAG.UP | FLAG.UV | (this.synced ? FLAG.BE | FLAG.BS : 0);
    const id = randomBytes(16);
    const rpId = options.rp.id;
    const passkey = { id: id.toString('base64url'), userHandle: options.user.id, rpId, privateKey, counter: 0, flags };
    this.passkeys.push(passkey);
    const authData = Buffer.concat([
      sha256(bend.rpId ?? rpId),
      Buffer.from([(bend.flags ?? flags) | FLAG.AT]),
      uint(bend.counter ?? 0, 4),
      Buffer.alloc(16),
      uint(id.length, 2),
      id,
      coseKey(publicKey),
    ]);
    const { fmt, statement } = bend.attestation ?? { fmt: 'none', statement: Buffer.from([0xa0]) };
    const attestationObject = Buffer.concat([
      Buffer.from([0xa3]),
      ...[cborText('fmt'), cborText(fmt), cborText('attStmt'), statement, cborText('authData'), cborBytes(authData)],
    ]);
    return {
      id: bend.id ?? passkey.id,
      rawId: bend.id ?? passkey.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.clientData('webauthn.create', options.challenge, bend).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** `navigator.credentials.get`, with the passkey that was made last unless another is given. */
  use(options: RequestOptions, bend: Bend = {}, passkey = this.passkeys.at(-1)): Assertion {
    if (passkey === undefined) throw new Error('this authenticator has no passkey');
    passkey.counter += 1;
    const authData = Buffer.concat([
      sha256(bend.rpId ?? options.rpId),
      Buffer.from([bend.flags ?? passkey.flags]),
      uint(bend.counter ?? (this.synced ? 0 : passkey.counter), 4),
    ]);
    const clientData = this.clientData('webauthn.get', options.challenge, bend);
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), bend.signer ?? passkey.privateKey);
    const userHandle = 'userHandle' in bend ? bend.userHandle : passkey.userHandle;
    return {
      id: bend.id ?? passkey.id,
      rawId: bend.id ?? passkey.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === undefined ? {} : { userHandle }),
      },
    };
  }

  private clientData(type: string, challenge: string, bend: Bend): Buffer {
    const data = {
      type: bend.type ?? type,
      challenge: bend.challenge ?? challenge,
      origin: bend.origin ?? this.origin,
      crossOrigin: bend.crossOrigin ?? false,
      ...(bend.topOrigin === undefined ? {} : { topOrigin: bend.topOrigin }),
    };
    return Buffer.from(JSON.stringify(data));
  }
}

/** The header by which a call is repeated after a 403 `step-up-required`. */
export function stepUpHeader(nonce: string, assertion: Assertion): string {
  return Buffer.from(JSON.stringify({ nonce, assertion })).toString('base64url');
}
