/** Proofs: the host's word that the user behind an actor has proved itself, and what followed from it. */
import { z } from 'zod';
import { clientText } from './text.js';

/** `POST /v1/proofs`. */
export const proofSchema = z.object({
  /** Of this report: a retry has the same one. */
  id: z.string().regex(/^[\w-]{16,64}$/, '16 to 64 letters, digits, - or _'),
  actor: clientText(256),
});
export type Proof = z.output<typeof proofSchema>;

export const proofAnswerSchema = z.object({
  /**
   * taken: it was counted and had an effect. repeated: this report was taken before. spent: the actor's proofs of the day are used up, so
   * that nothing was lifted. nothing: there was nothing to lift and nobody to tell.
   */
  outcome: z.enum(['taken', 'repeated', 'spent', 'nothing']),
  /** Decisions lifted, and alerts that tell of the proof. */
  lifted: z.int(),
  alerts: z.int(),
  /** Of the decisions as they are now: who holds it enforces none that was lifted. */
  feedVersion: z.int(),
});
export type ProofAnswer = z.infer<typeof proofAnswerSchema>;
