/**
 * The guards that stand before every route, in this order: whence a change comes (CSRF), who asks; then what the person
 * may do (access/policy-guard.ts). They are bound by APP_GUARD, so that a new route is closed until it says that it is open.
 */
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import type { OperationName, Person } from '@plimsoll/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Asker } from '../access/asker.js';
import type { Question } from '../access/resources.js';
import { operationOf } from '../api/operation.js';
import { type Context, InjectContext } from '../context.js';
import { bodyDigest } from '../http/json-only.js';
import { ProblemError } from '../http/problem.js';
import { REPORT_PATH } from '../http/security.js';
import { Admission, refusalProblem } from './admission.js';
import { ApiKeys, keyTextIn } from './api-keys.js';
import { type Proof, Proofs, type Proved } from './proofs.js';

export const OPEN = 'plimsoll:open';
/** A route outside the contract that needs no sign-in: health, keys, documents, the dashboard's files. */
export const Open = (): MethodDecorator & ClassDecorator => SetMetadata(OPEN, true);

/** Who called an operation, and by which request. */
export interface Caller extends Asker {
  userAgent: string;
  requestId: string;
}
export type CallerRequest = FastifyRequest & {
  caller?: Caller;
  prover?: Proof;
  operation?: OperationName;
  /** Ids that the caller does not know: pseudonyms in its query stood for them. */
  asked?: ReadonlySet<string>;
  /** The name of an endpoint in its body that a pseudonym would have made somebody's: refused when the policy has answered. */
  leftName?: string;
  /** Why the access policy refused it, for the audit: who may not see a thing is told nothing but 404. */
  denial?: { action: string; reasons: readonly string[] };
  /** What the access policy denies unless presence is proved for this very call: the step-up asks for that, then the policy anew. */
  unproved?: readonly Question[];
  /** But for which no proof of presence would be asked for, 0 to 100. */
  risk?: number | undefined;
  /** Whether something else of the call was not denied: then what is denied is left out of it. */
  goesOn?: boolean;
};
const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<CallerRequest>();

export function callerOf(context: ExecutionContext): Caller {
  const { caller } = requestOf(context);
  if (caller === undefined) throw new ProblemError('unauthenticated', 'Sign in first.');
  return caller;
}
/** The person who calls. @throws ProblemError where an API key does. */
export function personOf({ person: { id, name, role } }: Caller): Person {
  if (role === 'key') throw new ProblemError('forbidden', 'An API key is no person.');
  return { id, name, role };
}

export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => callerOf(context));

/** Who calls an open operation has no session yet, but shows a key: what is begun is bound to it. */
export function proverOf(request: FastifyRequest): Proof {
  const { prover } = request as CallerRequest;
  if (prover === undefined) throw refusalProblem('invalid_dpop_proof', 400);
  return prover;
}

/** APP_GUARD covers the socket's events as well: who sends one was let in by the gateway's own handshake. */
const isSocket = (context: ExecutionContext): boolean => context.getType() === 'ws';

export const isOpen = (context: ExecutionContext): boolean =>
  operationOf(context)?.operation.open === true ||
  [context.getHandler(), context.getClass()].some((target) => Reflect.getMetadata(OPEN, target) === true);

/**
 * A change must come from our own page: browsers put the truth into `Sec-Fetch-Site` and `Origin`, which no page can
 * forge. Programs say the same by sending `Origin` themselves. What only reads is not given to other sites either; whoever
 * sends no such header is no page.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  constructor(@InjectContext() private readonly context: Context) {}

  canActivate(context: ExecutionContext): boolean {
    if (isSocket(context)) return true;
    const request = requestOf(context);
    const name = operationOf(context)?.name;
    if (name !== undefined) request.operation = name;
    const { method, headers } = request;
    const { origin } = this.context.env.PUBLIC_URL;
    const site = headers['sec-fetch-site'];
    const reads = method === 'GET' || method === 'HEAD';
    if (reads && (name === undefined || site === undefined || site === 'same-origin' || site === 'none')) return true;
    const sameSite = site === undefined || site === 'same-origin';
    // Browsers send reports of a page without a referrer as from `null`; whose page it was stands in Sec-Fetch-Site.
    const reports = headers.origin === 'null' && site === 'same-origin' && request.routeOptions.url === REPORT_PATH;
    const sameOrigin = reports || (headers.origin === undefined ? site !== undefined : headers.origin === origin);
    if (!reads && sameSite && sameOrigin) return true;
    this.context.log.warn({ operation: name, method, origin: headers.origin, site }, 'a call from elsewhere was refused');
    throw new ProblemError('forbidden', `Calls are taken from ${origin} only. Open the console there.`);
  }
}

/** Every operation needs a proof of the caller's key; all but the open ones a token that is bound to it. Or an API key that may read. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly admission: Admission,
    private readonly proofs: Proofs,
    private readonly keys: ApiKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = operationOf(context)?.operation;
    if (isSocket(context) || (isOpen(context) && operation === undefined)) return true;
    const request = requestOf(context);
    context.switchToHttp().getResponse<FastifyReply>().header('dpop-nonce', this.proofs.nonce);
    if (isOpen(context)) {
      request.prover = await this.admission.stranger(provedBy(request));
      return true;
    }
    const { authorization } = request.headers;
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, 256);
    const calledBy = { address: request.ip, userAgent, requestId: request.id };
    const keyText = keyTextIn(authorization);
    if (keyText !== undefined) {
      request.caller = { ...(await this.keys.admit(keyText, request.method, request.ip)), ...calledBy };
      return true;
    }
    const admitted = await this.admission.admit({
      ...provedBy(request),
      authorization,
      audience: 'admin',
      address: request.ip,
    });
    if (admitted.type === 'refused') throw refusalProblem(admitted.refusal);
    request.caller = { ...admitted.principal, ...calledBy };
    return true;
  }
}

const provedBy = (request: FastifyRequest): Proved => ({
  proofs: request.raw.headersDistinct['dpop'],
  method: request.method,
  path: request.raw.url ?? '/',
  body: bodyDigest(request),
});
