/**
 * What went wrong inside the SDK: counted by code, and told to the host at most once a minute for each code, so that a
 * long outage cannot flood its log. Nothing here throws, whatever the host's `onError` does.
 */
export const faultCodes = [
  /** Options that cannot work: the guard allows everything and ships nothing. */
  'config',
  /** Plimsoll cannot be reached, or is too slow. */
  'unreachable',
  /** Plimsoll answered with a status other than success. */
  'refused',
  /** Plimsoll's answer makes no sense and was ignored, whole or in part. */
  'answer',
  /** A part of the decision feed that is not signed as it must be, was sent before, is out of date or of elsewhere: refused. */
  'forged',
  /** A buffer or cache was full, or the guard was closed: something was dropped. */
  'overflow',
  /** The host's `identify` threw, or returned what is no identity. */
  'identify',
  /** The host's `onVerdict` or `answer` threw, or returned what cannot be used; Plimsoll's own verdict or answer stands. */
  'hook',
  /** A request log that cannot be sent was passed to `record`. */
  'record',
  /** A fault of the SDK itself; the request concerned was let through. */
  'internal',
] as const;
export type FaultCode = (typeof faultCodes)[number];

export interface Fault {
  code: FaultCode;
  /** One sentence; never a key, a token or a body. */
  message: string;
  cause?: unknown;
}

const QUIET_MS = 60_000;

export class Faults {
  readonly counts: Record<FaultCode, number>;
  readonly #reportedAt = new Map<FaultCode, number>();

  constructor(private readonly onError: (fault: Fault) => unknown = warn) {
    this.counts = Object.fromEntries(faultCodes.map((code) => [code, 0])) as Record<FaultCode, number>;
  }

  /** Counts the fault and tells the host, at most once in 60 s for each code. */
  report(code: FaultCode, message: string, cause?: unknown): void {
    this.counts[code] += 1;
    const now = performance.now();
    if (now - (this.#reportedAt.get(code) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#reportedAt.set(code, now);
    try {
      const fault = cause === undefined ? { code, message } : { code, message, cause };
      // An async callback may reject: that is not the host's problem either.
      Promise.resolve(this.onError(fault)).catch(() => undefined);
    } catch {
      // Nobody is left to tell.
    }
  }
}

function warn(fault: Fault): void {
  process.emitWarning(fault.message, { type: 'PlimsollWarning', code: fault.code });
}

/** A text for whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : 'not an Error';
}
