/**
 * The browser's side of passkeys: asks the authenticator, and says in words what went wrong. The only file that knows the library.
 */
import type { Assertion, Attestation, CreationOptions, RequestOptions } from '@plimsoll/contracts';
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '@simplewebauthn/browser';

/** `insecure`: neither https nor localhost, where browsers have no passkeys. `address`: an IP address, which cannot own any. */
export type PasskeySupport = 'yes' | 'insecure' | 'address' | 'unsupported';

export function passkeySupport(): PasskeySupport {
  if (!window.isSecureContext) return 'insecure';
  if (/^[\d.]+$|^\[/.test(window.location.hostname)) return 'address';
  return browserSupportsWebAuthn() ? 'yes' : 'unsupported';
}

export const supportSentence: Record<Exclude<PasskeySupport, 'yes'>, string> = {
  insecure: 'Browsers have passkeys on https and on localhost alone. Open the console by one of these.',
  address: 'Passkeys belong to a name. Open the console as localhost, or under its host name by https.',
  unsupported: 'This browser has no passkeys. Use a current Chrome, Edge, Firefox or Safari.',
};

/** Nothing was proven, and why. `cancelled`: by the person, or nobody answered in time. */
export class PasskeyError extends Error {
  constructor(
    readonly reason: 'cancelled' | 'known' | 'no-authenticator' | 'unsupported',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PasskeyError';
  }
}

function sentence(error: unknown): PasskeyError {
  const support = passkeySupport();
  if (support !== 'yes') return new PasskeyError('unsupported', supportSentence[support], { cause: error });
  switch (error instanceof Error ? error.name : '') {
    case 'InvalidStateError':
      return new PasskeyError('known', 'This device has a passkey of yours already.', { cause: error });
    case 'ConstraintError':
    case 'NotSupportedError':
      return new PasskeyError(
        'no-authenticator',
        'No authenticator here can do it: it must check who you are (PIN, finger, face).',
        {
          cause: error,
        },
      );
    default:
      return new PasskeyError(
        'cancelled',
        'The passkey was not used: the prompt was closed, or there is none for this site here.',
        {
          cause: error,
        },
      );
  }
}

/** @throws PasskeyError */
export async function askPasskey(options: RequestOptions): Promise<Assertion> {
  try {
    return (await startAuthentication({ optionsJSON: options as never })) as Assertion;
  } catch (error) {
    throw sentence(error);
  }
}

/** @throws PasskeyError */
export async function makePasskey(options: CreationOptions): Promise<Attestation> {
  try {
    return (await startRegistration({ optionsJSON: options as never })) as Attestation;
  } catch (error) {
    throw sentence(error);
  }
}

/**
 * Offers passkeys in the autofill of a field with `autocomplete="... webauthn"`, until the person picks one or another prompt begins.
 *
 * @returns undefined where the browser cannot, or nobody picked one.
 */
export async function offerPasskeys(options: RequestOptions): Promise<Assertion | undefined> {
  if (passkeySupport() !== 'yes' || !(await browserSupportsWebAuthnAutofill())) return undefined;
  try {
    return (await startAuthentication({ optionsJSON: options as never, useBrowserAutofill: true })) as Assertion;
  } catch {
    return undefined;
  }
}

export const stopOffering = (): void => WebAuthnAbortService.cancelCeremony();
