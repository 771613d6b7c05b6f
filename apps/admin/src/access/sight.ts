/**
 * What one caller sees: the services, and of what stands in them the classes that the policy lets it read. Lists take
 * `within` into their query, as a wall in the database, and drop what a finer policy hides from what came back; a page may
 * then be shorter than it was asked for.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessActionName, AccessResource, Alert, Decision, Service } from '@plimsoll/contracts';
import type { AlertClass, DecisionClass } from '@plimsoll/storage';
import type { AccessPolicy } from './access-policy.js';
import type { Asker } from './asker.js';
import { alertClass, decisionClass, serviceResource } from './resources.js';

export class Sight {
  private readonly services: Map<string, Service>;

  /** @param all every service there is */
  constructor(
    private readonly policy: AccessPolicy,
    private readonly asker: Asker,
    all: readonly Service[],
  ) {
    this.services = new Map(
      all.filter((service) => this.reads('service.read', serviceResource(service))).map((each) => [each.id, each]),
    );
  }

  /** Ids of the services that are seen, and of which this may be read. */
  within(action?: 'traffic.read' | 'history.read' | 'backtest.read'): string[] {
    const seen = [...this.services.values()];
    const read = action === undefined ? seen : seen.filter((service) => this.reads(action, serviceResource(service)));
    return read.map(({ id }) => id);
  }

  service = ({ id }: Pick<Service, 'id'>): boolean => this.services.has(id);

  alert = (alert: AlertClass): boolean => {
    const service = this.services.get(alert.service);
    return service !== undefined && this.reads('alert.read', alertClass(service, alert));
  };

  decision = (decision: DecisionClass): boolean => {
    const service = this.services.get(decision.service);
    return service !== undefined && this.reads('decision.read', decisionClass(service, decision));
  };

  private reads(action: AccessActionName, resource: AccessResource): boolean {
    return this.policy.sees(this.asker, { action, resource });
  }
}

export const classOfAlert = (alert: Alert): AlertClass => ({ ...alert, subjectType: alert.subject.type });
export const classOfDecision = (decision: Decision): DecisionClass => ({
  ...decision,
  subjectType: decision.subject.type,
  byPerson: decision.origin.type === 'person',
});

const sights = new WeakMap<object, Sight>();
export const setSight = (request: object, sight: Sight): void => void sights.set(request, sight);

/** What the caller sees; the guard has found it out for every operation that lists. */
export const SightOf = createParamDecorator((_: unknown, context: ExecutionContext): Sight => {
  const sight = sights.get(context.switchToHttp().getRequest<object>());
  if (sight === undefined) throw new Error('no sight: the guard makes one for operations that list');
  return sight;
});

/** Of a call about many things: ids of those that its caller may not see, and of those that it may see and not change. */
export interface LeftOut {
  hidden: ReadonlySet<string>;
  denied: ReadonlySet<string>;
}
const NOTHING: LeftOut = { hidden: new Set(), denied: new Set() };
const leftOut = new WeakMap<object, LeftOut>();

const also = (request: object, name: keyof LeftOut, ids: readonly string[]): void => {
  const before = leftOut.get(request) ?? NOTHING;
  leftOut.set(request, { ...before, [name]: new Set([...before[name], ...ids]) });
};
export const hide = (request: object, ids: readonly string[]): void => also(request, 'hidden', ids);
export const leaveAlone = (request: object, ids: readonly string[]): void => also(request, 'denied', ids);

/** What of the things that the call names it is not about. */
export const LeftOutOf = createParamDecorator(
  (_: unknown, context: ExecutionContext): LeftOut => leftOut.get(context.switchToHttp().getRequest<object>()) ?? NOTHING,
);
