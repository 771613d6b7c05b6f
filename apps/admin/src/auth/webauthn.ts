/**
 * What an authenticator says, judged: the library checks signature, origin, relying party, type, challenge and user verification;
 * here are the rules beyond (WebAuthn Level 3, 7.1 and 7.2): no use from within another site's frame, a backup flag that never
 * changes, a handle that is the person's, and a counter that only rises. A counter behind is a hard no for keys that live in one
 * device, and a sign of risk for those that are copied.
 */
import type { Assertion, Attestation } from '@plimsoll/contracts';
import type { KnownCredential, PasskeyDraft } from '@plimsoll/storage';
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';

/** EdDSA, ES256, RS256: RFC 9053's numbers. */
export const ALGORITHMS = [-8, -7, -257];

export interface Expected {
  challenge: string;
  origin: string;
  rpId: string;
}

export type RiskSignal = 'counter-behind' | 'backup-changed';

export type Judged =
  | { type: 'good'; counter: number; backedUp: boolean; signals: RiskSignal[] }
  /** `why` is for the log and the audit, never for the one who asks. */
  | { type: 'bad'; why: string };

/** Of `clientDataJSON`; undefined where it cannot be read. */
export function clientDataOf(text: string): { challenge: string; crossOrigin: boolean } | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof read !== 'object' || read === null || !('challenge' in read) || typeof read.challenge !== 'string')
      return undefined;
    return { challenge: read.challenge, crossOrigin: 'crossOrigin' in read && read.crossOrigin !== false };
  } catch {
    return undefined;
  }
}

const bad = (why: string): Judged => ({ type: 'bad', why });

/** @param known the credential that the assertion names, with the handle of its person. */
export async function judgeAssertion(known: KnownCredential, assertion: Assertion, expected: Expected): Promise<Judged> {
  const { passkey, account } = known;
  if (clientDataOf(assertion.response.clientDataJSON)?.crossOrigin !== false) return bad('crossOrigin');
  const { userHandle } = assertion.response;
  if (userHandle !== undefined && userHandle !== account.userHandle) return bad('userHandle');
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: assertion as AuthenticationResponseJSON,
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.origin,
      expectedRPID: expected.rpId,
      // The library would throw where the counter does not grow; that is judged below.
      credential: { id: passkey.credentialId, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0 },
    });
    if (!verified) return bad('signature');
    if ((info.credentialDeviceType === 'multiDevice') !== passkey.backupEligible) return bad('backup eligibility changed');
    const behind = (info.newCounter > 0 || passkey.counter > 0) && info.newCounter <= passkey.counter;
    if (behind && !passkey.backupEligible) return bad('counter-behind');
    const moved = info.credentialBackedUp !== passkey.backedUp;
    const signals: RiskSignal[] = [...(behind ? ['counter-behind' as const] : []), ...(moved ? ['backup-changed' as const] : [])];
    return { type: 'good', counter: info.newCounter, backedUp: info.credentialBackedUp, signals };
  } catch (error) {
    return bad(reasonOf(error));
  }
}

export type Made = { type: 'good'; passkey: Omit<PasskeyDraft, 'personId' | 'name'> } | { type: 'bad'; why: string };

/**
 * Attestation is not asked for: what comes is `none`, or the key's own signature (`packed` without certificates), which proves no
 * make of authenticator and is checked all the same.
 */
export async function judgeAttestation(attestation: Attestation, expected: Expected): Promise<Made> {
  if (clientDataOf(attestation.response.clientDataJSON)?.crossOrigin !== false) return { type: 'bad', why: 'crossOrigin' };
  try {
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      response: attestation as RegistrationResponseJSON,
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.origin,
      expectedRPID: expected.rpId,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return { type: 'bad', why: 'attestation' };
    if (info.fmt !== 'none' && info.fmt !== 'packed') return { type: 'bad', why: `attestation format ${info.fmt}` };
    if (info.credential.id !== attestation.id) return { type: 'bad', why: 'credential id' };
    return {
      type: 'good',
      passkey: {
        credentialId: info.credential.id,
        publicKey: Buffer.from(info.credential.publicKey).toString('base64url'),
        counter: info.credential.counter,
        transports: info.credential.transports ?? [],
        backupEligible: info.credentialDeviceType === 'multiDevice',
        backedUp: info.credentialBackedUp,
      },
    };
  } catch (error) {
    return { type: 'bad', why: reasonOf(error) };
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);
