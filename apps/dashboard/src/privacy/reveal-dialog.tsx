/** The id behind a pseudonym, for a reason that the audit keeps. It is shown while the dialog is open, and kept nowhere. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { CodeBlock } from '../ui/copy.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Textarea } from '../ui/field.js';

export interface RevealDialogProps {
  /** Open while there is one. */
  pseudonym: string | undefined;
  onClose: () => void;
}

export function RevealDialog({ pseudonym, onClose }: RevealDialogProps) {
  return (
    <Dialog
      open={pseudonym !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title="Reveal the id"
      description={pseudonym && `Who ${pseudonym} is. That you asked, and why, is in the audit.`}
    >
      {pseudonym && <RevealForm pseudonym={pseudonym} />}
    </Dialog>
  );
}

function RevealForm({ pseudonym }: { pseudonym: string }) {
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  // The answer lives as long as this form: no cache of the page keeps it.
  const reveal = useMutation({
    mutationFn: () => callOperation('revealActor', { body: { pseudonym, reason: reason.trim() } }),
    gcTime: 0,
  });
  const submit = () => {
    setMissing(reason.trim() === '');
    if (reason.trim() !== '') reveal.mutate();
  };
  if (reveal.data)
    return (
      <div role="status" className="px-5 pt-4 pb-5">
        <CodeBlock label="the id" code={reveal.data.id} />
      </div>
    );
  return (
    <DialogForm
      onSubmit={submit}
      error={reveal.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={reveal.isPending}>
            Reveal
          </Button>
        </>
      }
    >
      <Field label="Reason" fault={missing ? 'The audit keeps why.' : undefined}>
        {(ids) => <Textarea {...ids} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
    </DialogForm>
  );
}
