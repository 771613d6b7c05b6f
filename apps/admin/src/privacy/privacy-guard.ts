/**
 * What comes in while pseudonyms are on: a pseudonym stands for its actor, and who may not know ids may not search by them
 * either, since whoever can ask "which alerts are about somebody whose id begins with a" learns ids letter by letter.
 */
import { isIP } from 'node:net';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { endpointName, type Operation, type OperationName } from '@plimsoll/contracts';
import { getService } from '@plimsoll/storage';
import { AccessPolicy } from '../access/access-policy.js';
import { INSTALLATION } from '../access/resources.js';
import { operationOf } from '../api/operation.js';
import { type CallerRequest, callerOf, isOpen } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { standingIn } from './endpoint-names.js';
import { isPseudonym, resolvedBody, resolvedQuery } from './names.js';
import { Pseudonyms } from './pseudonyms.js';

/** Filters that look for ids, or for texts in which they stand. */
const SEARCHES = ['subject', 'subjectId', 'actor', 'text', 'path'] as const;
/** An address or an endpoint as a whole is nobody's id. */
const isNobody = (text: unknown): boolean => typeof text === 'string' && (isIP(text) > 0 || endpointName.safeParse(text).success);

/** Whether this field can find an actor by its id, or a part of it. */
function mayFind(asked: Record<string, unknown>, name: string): boolean {
  const value = asked[name];
  if (value === undefined || isPseudonym(value) || isNobody(value)) return false;
  return name !== 'subjectId' || asked['subjectType'] === undefined || asked['subjectType'] === 'actor';
}

interface Called {
  name: OperationName;
  operation: Operation;
}

/** What takes ids of actors in its body. All others keep what people write: nobody is answered with an id who sends a pseudonym as a name. */
const TAKES: ReadonlySet<OperationName> = new Set<OperationName>([
  'decide',
  'updateService',
  'createBacktest',
  'harmPreview',
  'eraseActor',
]);

/** The ids for which pseudonyms stood in the query. */
export const AskedOf = createParamDecorator((_: unknown, context: ExecutionContext): ReadonlySet<string> => askedOf(context));
export const askedOf = (context: ExecutionContext): ReadonlySet<string> =>
  context.switchToHttp().getRequest<CallerRequest>().asked ?? new Set();

@Injectable()
export class PrivacyGuard implements CanActivate {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly pseudonyms: Pseudonyms,
    private readonly policy: AccessPolicy,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws' || isOpen(context)) return true;
    const operation = operationOf(context);
    if (operation === undefined || operation.name === 'revealActor') return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const asked = (request.query ?? {}) as Record<string, unknown>;
    const searches = SEARCHES.filter((name) => mayFind(asked, name));
    await this.resolve(request, asked, operation);
    if (searches.length === 0 || !(await this.pseudonyms.shown())) return true;
    await this.policy.refresh();
    if (this.policy.decide(callerOf(context), { action: 'actor.reveal', resource: INSTALLATION }).allowed) return true;
    request.denial = { action: 'actor.reveal', reasons: [] };
    throw new ProblemError(
      'forbidden',
      `Actors are shown under pseudonyms: ${searches.join(', ')} may be searched by those alone (actor.reveal).`,
    );
  }

  private async resolve(request: CallerRequest, query: Record<string, unknown>, called: Called): Promise<void> {
    const takes = TAKES.has(called.name);
    const body = takes ? request.body : undefined;
    const actors = await this.pseudonyms.behind({ query, body });
    if (actors.size === 0) return;
    const inQuery = JSON.stringify(query);
    request.asked = new Set([...actors].filter(([name]) => inQuery.includes(name)).map(([, id]) => id));
    request.query = resolvedQuery(query, actors, called.operation.query?.shape['subjectId'] !== undefined);
    if (called.name === 'updateService') request.body = await this.settled(request, actors);
    else if (takes) request.body = resolvedBody(body, actors);
  }

  /** A change of settings, whose endpoints get no id into their names that was not there. @throws ProblemError where one would. */
  private async settled({ params, body }: CallerRequest, actors: ReadonlyMap<string, string>): Promise<unknown> {
    const service = await getService(this.context.db, String((params as { id?: unknown }).id));
    // Of no service nothing is changed: the policy's guard says so.
    if (service === undefined) return body;
    const left: string[] = [];
    const resolved = resolvedBody(body, actors, { ...standingIn(service.settings), left: (name) => left.push(name) });
    const [name] = left;
    if (name === undefined) return resolved;
    const errors = [{ field: 'body.settings', reason: `${name} names one actor: name the route, as in GET /users/:id` }];
    throw new ProblemError('bad-request', 'An endpoint cannot be named by a pseudonym.', { errors });
  }
}
