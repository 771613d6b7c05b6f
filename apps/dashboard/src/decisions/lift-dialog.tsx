/** Lifting a decision before its end, with a reason for the audit if there is one. */
import type { Decision } from '@plimsoll/contracts';
import { useState } from 'react';
import { useLift } from '../actions.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input } from '../ui/field.js';
import { subjectText } from '../words.js';

interface LiftDialogProps {
  /** Open while there is one. */
  decision: Decision | undefined;
  onClose: () => void;
}

export function LiftDialog({ decision, onClose }: LiftDialogProps) {
  return (
    <Dialog
      open={decision !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`Lift ${decision?.action ?? 'decision'}`}
      description={decision && `${subjectText(decision.subject)} is let through again within a second.`}
    >
      {decision && <LiftForm decision={decision} onClose={onClose} />}
    </Dialog>
  );
}

function LiftForm({ decision, onClose }: { decision: Decision; onClose: () => void }) {
  const lift = useLift();
  const [reason, setReason] = useState('');
  const submit = () => {
    lift.mutate({ decision, reason: reason.trim() });
    onClose();
  };
  return (
    <DialogForm
      onSubmit={submit}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary">
            Confirm lift
          </Button>
        </>
      }
    >
      <Field label="Reason (optional)">
        {(ids) => <Input {...ids} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
    </DialogForm>
  );
}
