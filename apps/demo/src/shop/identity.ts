/**
 * Who makes a request, for the SDK: the owner of the bearer token, or after a sign-in the name that was tried. A name
 * with a wrong password is only claimed: Plimsoll never acts against it, or anybody could lock anybody out.
 */
import type { IncomingMessage } from 'node:http';
import { userOfToken } from './users.js';

export interface Identity {
  actor: string;
  authenticated: boolean;
  /** The outcome of a sign-in. */
  auth?: 'success' | 'failure';
}

const signIns = new WeakMap<IncomingMessage, Identity>();

/** Remembers how a sign-in went until its request log is written. */
export function noteSignIn(request: IncomingMessage, identity: Identity): void {
  signIns.set(request, identity);
}

export function identify(request: IncomingMessage): Identity | undefined {
  const user = userOfToken(request.headers.authorization);
  return user ? { actor: user.name, authenticated: true } : signIns.get(request);
}
