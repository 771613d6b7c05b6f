/**
 * What comes in while pseudonyms are on: a pseudonym stands for its actor, and who may not know ids may neither search by them nor name
 * an actor by one: whoever can ask "which alerts are about somebody whose id begins with a" learns ids letter by letter, and whoever is
 * answered with the pseudonym of `user-17` has revealed it.
 */
import { isIP } from 'node:net';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { endpointName, type Operation, type OperationName } from '@plimsoll/contracts';
import { getService } from '@plimsoll/storage';
import { AccessPolicy } from '../access/access-policy.js';
import { INSTALLATION, serviceResource } from '../access/resources.js';
import { operationOf } from '../api/operation.js';
import { type CallerRequest, callerOf, isOpen } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { standingIn } from './endpoint-names.js';
import { actorsIn, isPseudonym, resolvedBody, resolvedQuery } from './names.js';
import { Pseudonyms } from './pseudonyms.js';
import { pseudonymsIn } from './spellings.js';

/** Filters that look for ids, or for texts in which they stand. */
const SEARCHES = ['subject', 'subjectId', 'actor', 'text', 'path'] as const;
/** An address as a whole is nobody's id, nor is an endpoint, but where a part of its name is looked for: that may be one's first letters. */
const isNobody = (name: string, text: unknown): boolean =>
  typeof text === 'string' && (isIP(text) > 0 || (name !== 'text' && endpointName.safeParse(text).success));

/** Whether this field can find an actor by its id, or a part of it. */
function mayFind(asked: Record<string, unknown>, name: string): boolean {
  const value = asked[name];
  if (value === undefined || isPseudonym(value) || isNobody(name, value)) return false;
  return name !== 'subjectId' || asked['subjectType'] === undefined || asked['subjectType'] === 'actor';
}

/** Whether an actor is named by its id where ids stand, or by a pattern of ids: of any operation, the answer may say whom it found. */
const namesIds = (body: unknown): boolean => [...actorsIn(body)].some((id) => !isPseudonym(id));

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
    const byId = [...SEARCHES.filter((name) => mayFind(asked, name)), ...(namesIds(request.body) ? ['the body'] : [])];
    await this.policy.refresh();
    await this.resolve(request, asked, operation);
    if (byId.length === 0 || !(await this.pseudonyms.shown())) return true;
    if (this.policy.decide(callerOf(context), { action: 'actor.reveal', resource: INSTALLATION }).allowed) return true;
    request.denial = { action: 'actor.reveal', reasons: [] };
    throw new ProblemError(
      'forbidden',
      `Users are shown under pseudonyms: ${byId.join(', ')} may name them by those alone (actor.reveal).`,
    );
  }

  private async resolve(request: CallerRequest, query: Record<string, unknown>, called: Called): Promise<void> {
    const takes = TAKES.has(called.name);
    const body = takes ? request.body : undefined;
    const actors = await this.pseudonyms.behind({ query, body });
    if (actors.size === 0) return;
    request.asked = new Set(pseudonymsIn(JSON.stringify(query)).flatMap((name) => actors.get(name) ?? []));
    request.query = resolvedQuery(query, actors, called.operation.query?.shape['subjectId'] !== undefined);
    if (called.name === 'updateService') request.body = await this.settled(request, actors);
    else if (takes) request.body = resolvedBody(body, actors);
  }

  /** A change of settings, whose endpoints get no id into their names that was not there; {@link LeftNamesGuard} refuses what would. */
  private async settled(request: CallerRequest, actors: ReadonlyMap<string, string>): Promise<unknown> {
    const { params, body, caller } = request;
    const service = await getService(this.context.db, String((params as { id?: unknown }).id));
    // What stands in a service that the caller may not know of must change no answer: to it there is none, as the policy's guard says.
    if (caller === undefined || service === undefined || !this.policy.knows(caller, serviceResource(service))) return body;
    const left = (name: string) => {
      request.leftName ??= name;
    };
    return resolvedBody(body, actors, { ...standingIn(service.settings), left });
  }
}

/** After the policy: who may not change a service is told that alone, and nothing of its endpoints. */
@Injectable()
export class LeftNamesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() === 'ws') return true;
    const { leftName } = context.switchToHttp().getRequest<CallerRequest>();
    if (leftName === undefined) return true;
    const errors = [{ field: 'body.settings', reason: `${leftName} names one user: name the route, as in GET /users/:id` }];
    throw new ProblemError('bad-request', 'An endpoint cannot be named by a pseudonym.', { errors });
  }
}
