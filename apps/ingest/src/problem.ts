/**
 * Faults as RFC 9457 problem documents. Public text is written here by hand; whatever else an error carries (stack,
 * SQL, paths, what the client sent) stays inside and goes to the log, with the request's id to find it by.
 */
import { type Problem, type ProblemCode, problemStatus } from '@plimsoll/contracts';

const titles: Record<ProblemCode, string> = {
  'bad-request': 'The request is malformed',
  'invalid-body': 'The body is not valid',
  unauthenticated: 'An ingest key is needed',
  'invalid-key': 'The ingest key is unknown or revoked',
  'signature-required': 'Batches with this key must be signed',
  'signature-invalid': 'The signature of the batch is not valid',
  'proof-invalid': 'No good proof of the key',
  'session-copied': 'The session was copied',
  'nonce-required': 'The proof needs a nonce',
  'instance-unknown': 'The instance has not registered its key',
  replayed: 'This batch came before',
  forbidden: 'Not allowed',
  'step-up-required': 'Presence must be proven again',
  'passkey-required': 'A passkey is needed',
  'second-person-required': 'A second person is needed',
  'recovery-only': 'Good for a recovery alone',
  held: 'Held after a recovery',
  'not-found': 'No such resource',
  conflict: 'In conflict with the present state',
  'too-large': 'The request is too large',
  'unsupported-media-type': 'The media type or encoding is not supported',
  'too-many-requests': 'Too many requests',
  overloaded: 'Overloaded: try again later',
  unavailable: 'Temporarily unavailable: try again later',
  internal: 'An internal fault',
};

interface ProblemExtras {
  /** Whole seconds after which a retry makes sense. */
  retryAfterSeconds?: number;
  errors?: { field: string; reason: string }[];
  cause?: unknown;
}

/** Thrown anywhere on the way of a request; the filter turns it into the answer. `detail` is public. */
export class ProblemError extends Error {
  readonly retryAfterSeconds: number | undefined;
  readonly errors: { field: string; reason: string }[] | undefined;

  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    extras: ProblemExtras = {},
  ) {
    super(detail ?? titles[code], extras.cause === undefined ? {} : { cause: extras.cause });
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.errors = extras.errors;
  }
}

export function toProblem(error: ProblemError, requestId: string | undefined): Problem {
  const { code, detail, errors } = error;
  return {
    type: `urn:plimsoll:problem:${code}`,
    title: titles[code],
    status: problemStatus[code],
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors === undefined ? {} : { errors }),
  };
}

const codeOfStatus: Partial<Record<number, ProblemCode>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
};

/** Any error as a problem. An HTTP status that a framework's error carries is kept where we have a code for it; its text is not. */
export function asProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = codeOfStatus[statusOf(error) ?? 500];
  return new ProblemError(code ?? 'internal', undefined, { cause: error });
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus());
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
