/**
 * A fault that a person can mend: one sentence that says what is wrong and what to do. Commands throw it; the program
 * prints the sentence alone, without a stack, and exits with the code. Everything else is a bug and keeps its stack.
 */
export class Fault extends Error {
  override name = 'Fault';

  /** `exitCode` 78 is the convention for a faulty configuration, 1 for the rest. */
  constructor(
    sentence: string,
    readonly exitCode = 1,
  ) {
    super(sentence);
  }
}

/** Text of anything thrown. */
export const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
