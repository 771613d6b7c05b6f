/** What was decided about the subject of an alert, with a way to lift what still holds. */
import type { Decision, Subject } from '@plimsoll/contracts';
import { useState } from 'react';
import { DecisionState, originText, rateText } from '../decisions/decision-words.js';
import { LiftButton } from '../decisions/lift-button.js';
import { LiftDialog } from '../decisions/lift-dialog.js';
import { enforceable } from '../decisions/order.js';
import { isActive, isStanding } from '../live-cache.js';
import { ReachLine } from '../services/reach-line.js';
import { ActionBadge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { Ago, useNow } from '../ui/time.js';
import { subjectText, subjectTypeName } from '../words.js';

const SHOWN = 6;

interface AlertDecisionsProps {
  subject: Subject;
  decisions: readonly Decision[];
}

export function AlertDecisions({ subject, decisions }: AlertDecisionsProps) {
  const now = useNow();
  const [all, setAll] = useState(false);
  const [lifting, setLifting] = useState<Decision>();
  const active = decisions.filter((decision) => isStanding(decision, now));
  const past = decisions.filter((decision) => !isStanding(decision, now));
  const ordered = [...active, ...past];
  const shown = all ? ordered : ordered.slice(0, Math.max(SHOWN, active.length));
  return (
    <Panel title="Decisions">
      {ordered.length === 0 ? (
        <p className="px-4 py-5 text-muted text-sm">
          {enforceable(subject)
            ? `Nothing was decided: requests of this ${subjectTypeName(subject.type).toLowerCase()} pass.`
            : 'Nobody is held back: only users, addresses and credentials can be.'}
        </p>
      ) : (
        <ul>
          {shown.map((decision) => (
            <li key={decision.id} className="flex items-start gap-3 border-b px-4 py-2.5 last:border-b-0">
              <ActionBadge decision={decision} />
              <div className="min-w-0 flex-1 text-sm">
                <p title={decision.reason} className="line-clamp-3 break-words">
                  {decision.reason}
                </p>
                <p className="mt-0.5 text-faint text-xs">
                  {decision.subject.id !== subject.id && `${subjectText(decision.subject)} · `}
                  {decision.rate && `${rateText(decision.rate)} · `}
                  {decision.endpoint ?? 'everywhere'} · {originText(decision)} · <Ago ts={decision.createdAt} />
                </p>
                {isActive(decision, now) && <ReachLine decision={decision} />}
              </div>
              <div className="flex shrink-0 flex-col items-end gap-1.5 text-xs">
                <DecisionState decision={decision} />
                {isStanding(decision, now) && <LiftButton decision={decision} ask={setLifting} />}
              </div>
            </li>
          ))}
        </ul>
      )}
      {ordered.length > shown.length && (
        <Button look="ghost" size="sm" className="m-2" onClick={() => setAll(true)}>
          Show {ordered.length - shown.length} older
        </Button>
      )}
      <LiftDialog decision={lifting} onClose={() => setLifting(undefined)} />
    </Panel>
  );
}
