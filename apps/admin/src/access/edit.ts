/** What must hold before an edit of the access policy is saved: no faults, every case kept, somebody left who can edit again. */
import type { AccessActionName, AccessCase } from '@plimsoll/contracts';
import {
  type Database,
  listMembers,
  listPrincipals,
  ownsAll,
  plainAddress,
  type Transaction,
  twoPersons,
} from '@plimsoll/storage';
import { ProblemError } from '../http/problem.js';
import { PolicySet, type PolicyTexts } from './cedar.js';
import { INSTALLATION } from './resources.js';
import { outcomeOf } from './simulation.js';
import { checkText, isSound } from './validation.js';

/** @throws ProblemError `invalid-body`, naming each fault with its place. */
export function refuseFaults(text: string): void {
  const check = checkText(text);
  if (isSound(check)) return;
  const errors = check.faults
    .filter(({ severity }) => severity === 'error')
    .slice(0, 20)
    .map(({ message, hint, start }) => ({
      field: 'body.text',
      reason: `${start === null ? '' : `at ${start}: `}${message}${hint ? ` (${hint})` : ''}`.slice(0, 300),
    }));
  throw new ProblemError('invalid-body', 'The policy has faults.', { errors });
}

/** Cases that these policies, all of them, would decide otherwise than expected. */
export function brokenCases(policies: PolicyTexts, cases: readonly AccessCase[]): AccessCase[] {
  const set = PolicySet.of(policies);
  try {
    return cases.filter(({ request, expected }) => outcomeOf(set, request) !== expected);
  } finally {
    set.release();
  }
}

/**
 * Whether nobody could edit any more: at the editor's address and time, at no risk, with presence proved. Where an edit takes two
 * persons, somebody else must be able to see and to approve what the one who edits asks for.
 */
export async function locksOut(
  db: Database | Transaction,
  policies: PolicyTexts,
  { address }: { address: string },
  now: number,
): Promise<boolean> {
  const everybody = await listPrincipals(db);
  const context = {
    ...{ risk: 0, authAgeSeconds: 0, stepUpAgeSeconds: 0, userVerified: true, amr: ['passkey'], subjects: 0 },
    ...{ address: plainAddress(address) ?? address, time: now },
  };
  const set = PolicySet.of(policies);
  try {
    const whoMay = (...actions: AccessActionName[]) =>
      everybody.filter(({ id, role, attributes }) => {
        const principal = { id, role, ...attributes, passkeys: 1, deviceBound: true };
        return actions.every((action) => set.decide({ principal, action, resource: INSTALLATION, context }).allowed);
      });
    const editors = whoMay('access-policy.save');
    if (!(await twoPersons(db))) return editors.length === 0;
    // Only of these is the word good (storage/approvals.ts).
    const owners = new Set((await listMembers(db, now)).filter(ownsAll).map(({ id }) => id));
    const seconds = whoMay('approval.read', 'approval.approve').filter(({ id }) => owners.has(id));
    return !editors.some((editor) => seconds.some(({ id }) => id !== editor.id));
  } finally {
    set.release();
  }
}
