/** What can be done to one alert on its page, by pointer and by key. */
import type { Alert, Decision, DecisionAction } from '@plimsoll/contracts';
import { useState } from 'react';
import { useMayAllIn } from '../allowed.js';
import { useCommands } from '../commands.js';
import { draftFor, enforceable } from '../decisions/order.js';
import { useKeys } from '../keys.js';
import { AllowDialog, DecideDialog, TriageDialogs } from '../overlays.js';
import { Button } from '../ui/button.js';
import type { PageAct } from './optimistic.js';
import type { Asking } from './triage-dialogs.js';
import { useAct } from './use-act.js';

export function AlertButtons({ alert, decisions }: { alert: Alert; decisions: readonly Decision[] }) {
  const { mutate, isPending } = useAct();
  const [asking, setAsking] = useState<Asking>();
  const [action, setAction] = useState<DecisionAction>();
  const [allowing, setAllowing] = useState(false);
  const may = useMayAllIn(alert.service);
  const subject = enforceable(alert.subject);
  const live = alert.state !== 'resolved';
  const fresh = alert.state === 'open' || alert.state === 'snoozed';
  const act = (what: PageAct) => mutate({ act: what, alerts: [alert] });
  const ask = (type: Asking['type']) => live && setAsking({ type, alerts: [alert] });
  useKeys({
    e: () => fresh && act({ type: 'acknowledge' }),
    E: () => ask('acknowledge'),
    r: () => ask('resolve'),
    a: () => ask('assign'),
    s: () => ask('snooze'),
    t: () => subject && setAction('throttle'),
    h: () => subject?.type === 'actor' && setAction('challenge'),
    b: () => subject && setAction('block'),
  });
  useCommands('alert', [
    ...(fresh ? [{ name: 'Acknowledge this alert', key: 'e', run: () => act({ type: 'acknowledge' }) }] : []),
    ...(live
      ? [
          { name: 'Acknowledge this alert until…', key: 'E', run: () => void ask('acknowledge') },
          { name: 'Resolve this alert…', key: 'r', run: () => void ask('resolve') },
          { name: 'Assign this alert…', key: 'a', run: () => void ask('assign') },
          { name: 'Snooze this alert…', key: 's', run: () => void ask('snooze') },
        ]
      : []),
    ...(subject ? [{ name: 'Block the subject of this alert…', key: 'b', run: () => setAction('block') }] : []),
  ]);
  return (
    <div className="grid w-full grid-cols-2 gap-2 print:hidden sm:flex sm:w-auto sm:flex-wrap sm:items-center">
      {fresh && may('alert.acknowledge') && (
        <Button look="primary" busy={isPending} onClick={() => act({ type: 'acknowledge' })}>
          Acknowledge
        </Button>
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
