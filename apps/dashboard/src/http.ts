/**
 * One request to the admin API, typed by the contract: builds the address, sends JSON with a proof of the browser's key, checks
 * the answer against its shape and turns everything that can go wrong into one union of faults. Knows nothing of sessions.
 */

import { operations, problem as problemShape, type Route } from 'virtual:contract';
import {
  type AdminApi,
  type BodyOf,
  type OperationName,
  type ParamsOf,
  type Problem,
  type QueryOf,
  type ResponseOf,
  STEP_UP_HEADER,
} from '@plimsoll/contracts';
import type { z } from 'zod';
import { observeServerDate } from './clock.js';
import { check } from './contract/shape.js';
import { learnNonce } from './first-nonce.js';
import { type Prover, prover } from './prover.js';

export type Fault =
  /** The server said what is wrong. */
  | { type: 'problem'; problem: Problem }
  /** No answer came: no network, the server is down, or it took longer than the limit. */
  | { type: 'unreachable' }
  /** The browser has no network: a change was not even sent. */
  | { type: 'offline' }
  /** This browser keeps no key for the page, so that nothing can be proven. */
  | { type: 'keyless' }
  /** An answer that the contract does not know: a proxy's page, or a server of another version. */
  | { type: 'unexpected'; status: number };

/** The only error that a call throws, beside an abort by the caller. */
export class ApiError extends Error {
  constructor(
    readonly fault: Fault,
    options?: ErrorOptions,
  ) {
    super(sentence(fault), options);
    this.name = 'ApiError';
  }
  /** HTTP status, 0 where no answer came. */
  get status(): number {
    if (this.fault.type === 'problem') return this.fault.problem.status;
    return this.fault.type === 'unexpected' ? this.fault.status : 0;
  }
}

function sentence(fault: Fault): string {
  switch (fault.type) {
    case 'problem':
      return fault.problem.detail ?? fault.problem.title;
    case 'unreachable':
      return 'The server cannot be reached. It may be restarting, or this device may be offline.';
    case 'offline':
      return 'You are offline: nothing was changed. Try again when the connection is back.';
    case 'keyless':
      return 'This browser does not let the page keep its key. Allow this site to store data (some private windows do not), then reload.';
    case 'unexpected':
      return `The server answered something unexpected (status ${fault.status}). A reload may help after an upgrade.`;
  }
}

type Needs<N extends OperationName, K extends 'params' | 'body', T> = AdminApi[N] extends { [P in K]: z.ZodType }
  ? { [P in K]: T }
  : { [P in K]?: never };
export type CallInput<N extends OperationName> = Needs<N, 'params', ParamsOf<N>> &
  Needs<N, 'body', BodyOf<N>> &
  (AdminApi[N] extends { query: z.ZodType } ? { query?: QueryOf<N> } : { query?: never });

/** What a call gives: a stream comes as one file. */
export type AnswerOf<N extends OperationName> = AdminApi[N] extends { streams: string } ? Blob : ResponseOf<N>;

export interface SendOptions {
  accessToken?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Counts in the proof: a refresh. */
  counted?: boolean;
  /** Proof of presence for this very call. */
  stepUp?: string | undefined;
}

/** No operation takes long; a request that hangs is a fault that people should see. */
const TIMEOUT_MS = 20_000;

/** Path and query of a call. Every value is escaped: ids hold whatever a client once sent. */
export function addressOf(template: string, params: object = {}, query: object = {}): string {
  const values = new Map<string, unknown>(Object.entries(params));
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  return search.size > 0 ? `${path}?${search}` : path;
}

/** Proves and learns nonces; the page has one. */
type Proving = Pick<Prover, 'proof' | 'nonce' | 'stale'>;

/** Binds requests to a key. */
export function createSend(proving: Proving) {
  /**
   * Sends one operation and gives its checked answer.
   * @throws ApiError; the caller's own abort is thrown as it is.
   */
  return async function send<N extends OperationName>(
    name: N,
    input: CallInput<N>,
    options: SendOptions = {},
  ): Promise<AnswerOf<N>> {
    const route = operations[name];
    const [method, , shape, streams] = route;
    const attempt = () => request(proving, route, input as Parts, options);
    if (proving.stale) await learnNonce(proving);
    let answer = await attempt();
    let fault = answer.ok ? undefined : await faultOf(answer);
    if (fault && mayTryAgain(fault, method === 'GET' || options.counted === true)) {
      answer = await attempt();
      fault = answer.ok ? undefined : await faultOf(answer);
    }
    if (fault) throw new ApiError(fault);
    if (streams) return (await fileOf(answer, options.signal)) as AnswerOf<N>;
    const value: unknown = answer.status === 204 ? null : await answer.json().catch(() => undefined);
    const read = check(shape, value);
    if (read.type === 'faulty') throw new ApiError({ type: 'unexpected', status: answer.status }, { cause: read.faults });
    return read.value as AnswerOf<N>;
  };
}

export const send = createSend(prover);

/**
 * Once, with a fresh proof: where the server wants its nonce, nothing has happened; where it takes the proof for used, the
 * browser itself has sent the request twice, and a change may have happened.
 */
function mayTryAgain(fault: Fault, repeatable: boolean): boolean {
  if (fault.type !== 'problem') return false;
  const { code } = fault.problem;
  return code === 'nonce-required' || (code === 'proof-invalid' && repeatable);
}

interface Parts {
  params?: object;
  query?: object;
  body?: object;
}

async function request(
  proving: Proving,
  [method, path, , streams]: Route,
  input: Parts,
  { accessToken, signal, counted, stepUp }: SendOptions,
): Promise<Response> {
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  const address = addressOf(path, input.params, input.query);
  const body = input.body && JSON.stringify(input.body);
  const url = new URL(address, location.origin).href;
  const proof = await proving.proof({ method, url, accessToken, body, counted }).catch((cause: unknown) => {
    throw new ApiError({ type: 'keyless' }, { cause });
  });
  headers.set('dpop', proof);
  if (accessToken) headers.set('authorization', `DPoP ${accessToken}`);
  if (stepUp) headers.set(STEP_UP_HEADER, stepUp);
  if (body) headers.set('content-type', 'application/json');
  const limit = limitOf(streams);
  try {
    const answer = await fetch(address, {
      method,
      headers,
      body: body ?? null,
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
    observeServerDate(answer.headers.get('date'));
    const nonce = answer.headers.get('dpop-nonce');
    if (nonce) proving.nonce = nonce;
    return answer;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({ type: 'unreachable' }, { cause });
  } finally {
    limit.begun();
  }
}

/** A stream goes on for as long as there is something to send: only its beginning is awaited for a limited time. */
function limitOf(streams: boolean | undefined) {
  if (!streams) return { signal: AbortSignal.timeout(TIMEOUT_MS), begun: () => {} };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
  return { signal: late.signal, begun: () => clearTimeout(timer) };
}

async function fileOf(answer: Response, signal: AbortSignal | undefined): Promise<Blob> {
  try {
    return await answer.blob();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({ type: 'unreachable' }, { cause });
  }
}

async function faultOf(answer: Response): Promise<Fault> {
  const read = check(problemShape, await answer.json().catch(() => undefined));
  if (read.type === 'sound') return { type: 'problem', problem: read.value as Problem };
  return answer.status >= 502 && answer.status <= 504 ? { type: 'unreachable' } : { type: 'unexpected', status: answer.status };
}
