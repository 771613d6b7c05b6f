/** Resolving asks for a verdict: it is what the model learns from later. */
import type { Alert, AlertVerdict } from '@plimsoll/contracts';
import { useState } from 'react';
import { useResolve } from '../actions.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Textarea } from '../ui/field.js';
import { subjectText } from '../words.js';

const choices: readonly { value: AlertVerdict; name: string; meaning: string }[] = [
  { value: 'true-positive', name: 'True positive', meaning: 'It was abuse or a fault that somebody had to know about.' },
  { value: 'false-positive', name: 'False positive', meaning: 'It was harmless: this is normal for the subject.' },
];

interface ResolveDialogProps {
  /** Open while there is one. */
  alert: Alert | undefined;
  onClose: () => void;
}

export function ResolveDialog({ alert, onClose }: ResolveDialogProps) {
  return (
    <Dialog
      open={alert !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title="Resolve alert"
      description={alert && subjectText(alert.subject)}
    >
      {alert && <ResolveForm alert={alert} onClose={onClose} />}
    </Dialog>
  );
}

function ResolveForm({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const resolve = useResolve();
  const [verdict, setVerdict] = useState<AlertVerdict>('true-positive');
  const [note, setNote] = useState('');
  const submit = () => {
    resolve.mutate({ alert, verdict, note: note.trim() });
    onClose();
  };
  return (
    <DialogForm
      onSubmit={submit}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary">
            Confirm resolve
          </Button>
        </>
      }
    >
      <fieldset>
        <legend className="mb-1.5 font-medium text-muted text-xs">Verdict</legend>
        <div className="space-y-2">
          {choices.map(({ value, name, meaning }) => (
            <label
              key={value}
              className="flex cursor-pointer gap-3 rounded-md border px-3 py-2 has-checked:border-accent has-checked:bg-accent/6"
            >
              <input
                type="radio"
                name="verdict"
                className="mt-1 size-4 shrink-0 accent-accent"
                checked={verdict === value}
                onChange={() => setVerdict(value)}
              />
              <span>
                <span className="block font-medium text-sm">{name}</span>
                <span className="block text-muted text-xs">{meaning}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field label="Note (optional)">
        {(ids) => <Textarea {...ids} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}
      </Field>
    </DialogForm>
  );
}
