/** What the command palette offers on an alert's page: the same as its buttons and keys, for who may. */
import type { AccessActionName, Alert, DecisionAction } from '@plimsoll/contracts';
import type { Command } from '../commands.js';
import { enforceable } from '../decisions/order.js';
import { actionNames, subjectTypeName } from '../words.js';
import type { PageAct } from './optimistic.js';
import { actionFor } from './permitted.js';
import type { Asking } from './triage-dialogs.js';

export interface AlertActs {
  may: (action: AccessActionName) => boolean;
  act: (act: PageAct) => void;
  ask: (type: Asking['type']) => void;
  decide: (action: DecisionAction) => void;
  allow: () => void;
}

/** Acknowledging is offered for what nobody works on. */
export const isFresh = ({ state }: Pick<Alert, 'state'>): boolean => state === 'open' || state === 'snoozed';
export const isLive = ({ state }: Pick<Alert, 'state'>): boolean => state !== 'resolved';

interface Offer extends Command {
  /** Where it can be done. */
  when: boolean;
}

function decisionOffers({ subject: whom }: Alert, { may, decide, allow }: AlertActs): Offer[] {
  const subject = enforceable(whom);
  if (!subject) return [];
  const name = subjectTypeName(subject.type).toLowerCase();
  const offer = (action: DecisionAction, key: string): Offer => ({
    when: may('decision.make') && (action !== 'challenge' || subject.type === 'actor'),
    ...{ name: `${actionNames[action]} this ${name}…`, key, run: () => decide(action) },
  });
  return [
    offer('throttle', 't'),
    offer('challenge', 'h'),
    offer('block', 'b'),
    { when: may('service.allow'), name: `Put this ${name} on the allow-list…`, run: allow },
  ];
}

export function alertCommands(alert: Alert, acts: AlertActs): Command[] {
  const { act, ask } = acts;
  const mayTo = (type: PageAct['type']) => acts.may(actionFor(type));
  const live = isLive(alert);
  const offers: Offer[] = [
    {
      when: isFresh(alert) && mayTo('acknowledge'),
      ...{ name: 'Acknowledge this alert', key: 'e', run: () => act({ type: 'acknowledge' }) },
    },
    {
      when: live && mayTo('acknowledge'),
      ...{ name: 'Acknowledge this alert until…', key: 'E', run: () => ask('acknowledge') },
    },
    { when: live && mayTo('resolve'), name: 'Resolve this alert…', key: 'r', run: () => ask('resolve') },
    { when: live && mayTo('assign'), name: 'Assign this alert…', key: 'a', run: () => ask('assign') },
    { when: live && mayTo('snooze'), name: 'Snooze this alert…', key: 's', run: () => ask('snooze') },
    {
      when: live && !isFresh(alert) && mayTo('reopen'),
      ...{ name: 'Open this alert again', run: () => act({ type: 'reopen' }) },
    },
    ...decisionOffers(alert, acts),
  ];
  return offers.filter(({ when }) => when);
}
