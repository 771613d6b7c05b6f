/**
 * Passkeys at work: the options that authenticators are given, and the use of an assertion, for sign-in and for step-up alike: find
 * the credential, judge, spend the challenge, keep counter and flags, tell the person of what looks odd.
 */
import { Injectable } from '@nestjs/common';
import type { Assertion, Attestation, CreationOptions, RequestOptions } from '@plimsoll/contracts';
import {
  addNotice,
  findCredential,
  type KnownCredential,
  notePasskeyUse,
  type PasskeyRow,
  recordAudit,
  spendChallenge,
  type Transaction,
} from '@plimsoll/storage';
import { Denials } from '../audit/denials.js';
import { type Context, InjectContext } from '../context.js';
import { CHALLENGE_MS } from './challenges.js';
import { ALGORITHMS, judgeAssertion, judgeAttestation, type Made } from './webauthn.js';

const NAME = 'Plimsoll';

/** An ES256 key of which nobody has the private part. */
const NOBODY: PasskeyRow = {
  ...{ id: '', personId: '', credentialId: '', counter: 0, transports: [], backupEligible: true, backedUp: true },
  ...{ name: '', createdAt: 0, lastUsedAt: null },
  publicKey: 'pQECAyYgASFYIOL87J_4UFd4JVWvNwTpAz51IguuXXWWvOWaEmU2WeRPIlgg6KT1JHEZ2CfQWMsfb2LB4hvLGnUGv9B7kxljahtO4lw',
};
/** Stands in for a credential that nobody has, so that the answer takes as long: whatever handle was presented, the signature is what fails. */
const standIn = ({ response }: Assertion): KnownCredential => ({
  passkey: NOBODY,
  account: { userHandle: response.userHandle ?? '', disabledAt: null, recoveredAt: null },
});

export interface Use {
  assertion: Assertion;
  challenge: string;
  /** When the challenge runs out, milliseconds. */
  endsAt: number;
  /** Only this person's passkeys count. Absent: whosever it is. */
  personId?: string;
  address: string;
}

/** `bad`: for whatever reason; `known` where the credential is somebody's. */
export type Used<T> = { type: 'good'; result: T } | { type: 'bad'; known: boolean };

@Injectable()
export class Passkeys {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly denials: Denials,
  ) {}

  private get expected(): { origin: string; rpId: string } {
    const { origin, hostname } = this.context.env.PUBLIC_URL;
    return { origin, rpId: hostname };
  }

  /** @param passkeys those that may answer; none: whichever the authenticator has. */
  requestOptions(challenge: string, passkeys: readonly PasskeyRow[] = []): RequestOptions {
    const { rpId } = this.expected;
    const shared = { challenge, rpId, timeout: CHALLENGE_MS, userVerification: 'required' } as const;
    return { ...shared, allowCredentials: passkeys.map(descriptorOf) };
  }

  creationOptions(
    challenge: string,
    person: { name: string; userHandle: string },
    passkeys: readonly PasskeyRow[],
  ): CreationOptions {
    return {
      challenge,
      rp: { id: this.expected.rpId, name: NAME },
      user: { id: person.userHandle, name: person.name, displayName: person.name },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: CHALLENGE_MS,
      excludeCredentials: passkeys.map(descriptorOf),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    };
  }

  judgeAttestation(attestation: Attestation, challenge: string): Promise<Made> {
    return judgeAttestation(attestation, { ...this.expected, challenge });
  }

  /** Uses an assertion, and with it its challenge, in one transaction with `then`, which tells what it is good for. */
  async use<T>(use: Use, then: (tx: Transaction, used: PasskeyRow) => Promise<T>): Promise<Used<T>> {
    const { db, now, log } = this.context;
    const found = await findCredential(db, use.assertion.id);
    const mine = found && (use.personId === undefined || found.passkey.personId === use.personId) ? found : undefined;
    const judged = await judgeAssertion(mine ?? standIn(use.assertion), use.assertion, {
      ...this.expected,
      challenge: use.challenge,
    });
    if (mine === undefined || judged.type === 'bad') {
      const why = judged.type === 'bad' ? judged.why : 'none';
      if (mine) await this.tellOfRefusal(mine, why, use);
      log.info({ why: mine ? why : 'unknown credential', check: why }, 'an assertion was refused');
      return { type: 'bad', known: mine !== undefined };
    }
    const at = now();
    let copied = false;
    const used = await db.transaction(async (tx) => {
      if (!(await spendChallenge(tx, use.challenge, use.endsAt, at))) return { type: 'bad', known: true } as const;
      const noted = await notePasskeyUse(tx, mine.passkey, judged, at);
      copied = noted === 'overtaken';
      if (noted !== 'noted') return { type: 'bad', known: true } as const;
      for (const kind of judged.signals) {
        const { personId, name, id } = mine.passkey;
        await addNotice(tx, { personId, kind, at, address: use.address, what: name });
        await recordAudit(tx, { at, personId, action: `passkey.${kind}`, object: id, detail: {}, address: use.address });
      }
      return { type: 'good', result: await then(tx, mine.passkey) } as const;
    });
    if (copied) await this.tellOfRefusal(mine, 'counter-behind', use);
    return used;
  }

  private async tellOfRefusal({ passkey }: KnownCredential, why: string, { address }: Use): Promise<void> {
    const { db, now } = this.context;
    const [at, { personId, id, name }] = [now(), passkey];
    this.denials.noteLater({ at, personId, action: 'passkey.refuse', object: id, detail: { why }, address });
    // In a key that cannot be copied: somebody has copied it.
    if (why === 'counter-behind') await addNotice(db, { personId, kind: why, at, address, what: name });
  }
}

const descriptorOf = ({ credentialId, transports }: PasskeyRow) => ({
  id: credentialId,
  type: 'public-key' as const,
  transports,
});
