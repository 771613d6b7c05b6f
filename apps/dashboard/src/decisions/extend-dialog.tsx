/** Lets a decision last longer: a person's decision takes its place, about the same subject, with an end counted from now. */
import type { Decision } from '@plimsoll/contracts';
import { useState } from 'react';
import { serverNow } from '../clock.js';
import { duration } from '../format.js';
import { Dialog } from '../ui/dialog.js';
import { subjectText } from '../words.js';
import { DecideForm } from './decide-dialog.js';
import { type Draft, durationsBeyond, emptyDraft } from './order.js';

interface ExtendDialogProps {
  decision: Decision | undefined;
  onClose: () => void;
}

export function ExtendDialog({ decision, onClose }: ExtendDialogProps) {
  return (
    <Dialog
      open={decision !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`Extend ${decision?.action ?? ''}`}
      description={
        decision && `${subjectText(decision.subject)} in ${decision.service}. It then lasts from now on, by your word.`
      }
    >
      {decision && <ExtendForm key={decision.id} decision={decision} onDone={onClose} />}
    </Dialog>
  );
}

function ExtendForm({ decision, onDone }: { decision: Decision; onDone: () => void }) {
  const { service, subject, endpoint, reason, alertId, rate, action, until } = decision;
  const [left] = useState(() => until - serverNow());
  const longer = durationsBeyond(left);
  const [shortest] = longer;
  const [draft, setDraft] = useState<Draft>({
    ...emptyDraft(service),
    subject,
    endpoint,
    reason: reason.slice(0, 500),
    alertId: alertId ?? undefined,
    ...(shortest && { durationSeconds: shortest.seconds }),
    ...(rate && { requests: String(rate.requests), windowSeconds: String(rate.windowSeconds) }),
  });
  if (action === 'monitor') return null;
  if (!shortest)
    return (
      <p className="px-5 pt-4 pb-5 text-sm">It lasts for another {duration(left / 1000)}, longer than any time offered here.</p>
    );
  return (
    <DecideForm
      action={action}
      draft={draft}
      endpoint={endpoint}
      lasts={longer}
      after={until}
      onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
      onDone={onDone}
    />
  );
}
