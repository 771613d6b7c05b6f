/** What can be done to one alert on its page, by pointer and by key. */
import type { Alert, Decision, DecisionAction } from '@plimsoll/contracts';
import { useState } from 'react';
import { useMayAllIn } from '../allowed.js';
import { useCommands } from '../commands.js';
import { draftFor, enforceable } from '../decisions/order.js';
import { useKeys } from '../keys.js';
import { AllowDialog, DecideDialog, TriageDialogs } from '../overlays.js';
import { Button, SplitButton } from '../ui/button.js';
import { alertCommands, isFresh, isLive } from './alert-commands.js';
import type { PageAct } from './optimistic.js';
import { actionFor } from './permitted.js';
import type { Asking } from './triage-dialogs.js';
import { useAct } from './use-act.js';

export function AlertButtons({ alert, decisions }: { alert: Alert; decisions: readonly Decision[] }) {
  const { mutate, isPending } = useAct();
  const [asking, setAsking] = useState<Asking>();
  const [action, setAction] = useState<DecisionAction>();
  const [allowing, setAllowing] = useState(false);
  const may = useMayAllIn(alert.service);
  const subject = enforceable(alert.subject);
  const [live, fresh] = [isLive(alert), isFresh(alert)];
  const mayTo = (type: PageAct['type']) => may(actionFor(type));
  const act = (what: PageAct) => mayTo(what.type) && mutate({ act: what, alerts: [alert] });
  const ask = (type: Asking['type']) => live && mayTo(type) && setAsking({ type, alerts: [alert] });
  const decide = (what: DecisionAction) => subject && may('decision.make') && setAction(what);
  useKeys({
    e: () => fresh && act({ type: 'acknowledge' }),
    E: () => ask('acknowledge'),
    r: () => ask('resolve'),
    a: () => ask('assign'),
    s: () => ask('snooze'),
    t: () => decide('throttle'),
    h: () => subject?.type === 'actor' && decide('challenge'),
    b: () => decide('block'),
  });
  useCommands(
    'alert',
    alertCommands(alert, { may, act, ask: (type) => void ask(type), decide: setAction, allow: () => setAllowing(true) }),
  );
  return (
    <div className="grid w-full grid-cols-2 gap-2 print:hidden sm:flex sm:w-auto sm:flex-wrap sm:items-center">
      {fresh && may('alert.acknowledge') && (
        <SplitButton
          look="primary"
          busy={isPending}
          onClick={() => act({ type: 'acknowledge' })}
          more="Acknowledge until…"
          onMore={() => ask('acknowledge')}
        >
          Acknowledge
        </SplitButton>
      )}
      {live && (
        <>
          {!fresh && may('alert.triage') && <Button onClick={() => act({ type: 'reopen' })}>Open again</Button>}
          {may('alert.resolve') && <Button onClick={() => ask('resolve')}>Resolve</Button>}
          {may('alert.triage') && (
            <>
              <Button onClick={() => ask('assign')}>Assign</Button>
              <Button onClick={() => ask('snooze')}>Snooze</Button>
            </>
          )}
        </>
      )}
      {subject && may('decision.make') && (
        <>
          <span aria-hidden className="mx-1 hidden h-5 border-l sm:block" />
          <Button onClick={() => setAction('throttle')}>Throttle</Button>
          {subject.type === 'actor' && <Button onClick={() => setAction('challenge')}>Challenge</Button>}
          <Button look="warning" onClick={() => setAction('block')}>
            Block
          </Button>
        </>
      )}
      {subject && may('service.allow') && <Button onClick={() => setAllowing(true)}>Allow…</Button>}
      {subject && allowing && (
        <AllowDialog alert={alert} subject={subject} decisions={decisions} onClose={() => setAllowing(false)} />
      )}
      {subject && action && (
        <DecideDialog
          action={action}
          draft={draftFor(alert, subject)}
          endpoint={alert.endpoint}
          onClose={() => setAction(undefined)}
        />
      )}
      {asking && <TriageDialogs asking={asking} act={act} onClose={() => setAsking(undefined)} />}
    </div>
  );
}
