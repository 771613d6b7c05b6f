/**
 * What comes in while pseudonyms are on: a pseudonym stands for its actor, and who may not know ids may not search by them
 * either, since whoever can ask "which alerts are about somebody whose id begins with a" learns ids letter by letter.
 */
import { isIP } from 'node:net';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { endpointName } from '@plimsoll/contracts';
import { AccessPolicy } from '../access/access-policy.js';
import { INSTALLATION } from '../access/resources.js';
import { operationOf } from '../api/operation.js';
import { type CallerRequest, callerOf, isOpen } from '../auth/guards.js';
import { ProblemError } from '../http/problem.js';
import { isPseudonym } from './names.js';
import { Pseudonyms } from './pseudonyms.js';

/** Filters that look for ids, or for texts in which they stand. */
const SEARCHES = ['subject', 'actor', 'text', 'path'] as const;
/** An address or an endpoint as a whole is nobody's id. */
const isNobody = (text: unknown): boolean => typeof text === 'string' && (isIP(text) > 0 || endpointName.safeParse(text).success);

@Injectable()
export class PrivacyGuard implements CanActivate {
  constructor(
    private readonly pseudonyms: Pseudonyms,
    private readonly policy: AccessPolicy,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws' || isOpen(context)) return true;
    const operation = operationOf(context);
    if (operation === undefined || operation.name === 'revealActor') return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const { query, params, body } = request;
    const asked = (query ?? {}) as Record<string, unknown>;
    const searches = SEARCHES.filter((name) => asked[name] !== undefined && !isPseudonym(asked[name]) && !isNobody(asked[name]));
    Object.assign(request, await this.pseudonyms.resolve({ query, params, body }));
    if (searches.length === 0 || !(await this.pseudonyms.shown())) return true;
    await this.policy.refresh();
    if (this.policy.decide(callerOf(context), { action: 'actor.reveal', resource: INSTALLATION }).allowed) return true;
    request.denial = { action: 'actor.reveal', reasons: [] };
    throw new ProblemError(
      'forbidden',
      `Actors are shown under pseudonyms: ${searches.join(', ')} may be searched by those alone (actor.reveal).`,
    );
  }
}
