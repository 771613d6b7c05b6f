/** A step-up by hand, in its parts: what the server asks, the proof of it, and the call that brings one. */
import { type OperationName, STEP_UP_HEADER, type StepUpChallenge } from '@plimsoll/contracts';
import { expect } from 'vitest';
import type { CallInput, Visitor } from './admin-server.js';
import { type Authenticator, type Bend, stepUpHeader } from './authenticator.js';

export const asked = async (who: Visitor, name: OperationName, input: CallInput): Promise<StepUpChallenge> => {
  const { body } = await who.call(name, { ...input, stepUp: false });
  expect(body['code']).toBe('step-up-required');
  return body['stepUp'] as StepUpChallenge;
};
export const proofOf = ({ nonce, options }: StepUpChallenge, by: Authenticator, bend: Bend = {}) =>
  stepUpHeader(nonce, by.use(options, bend));
export const withProof = (who: Visitor, name: OperationName, input: CallInput, proof: string) =>
  who.call(name, { ...input, headers: { [STEP_UP_HEADER]: proof }, stepUp: false });
