/** Resolving asks for a verdict, and says with each what the model does with it. */
import { type Alert, type AlertVerdict, alertVerdicts } from '@plimsoll/contracts';
import { useState } from 'react';
import { moment } from '../format.js';
import { useZone } from '../reader.js';
import { Button } from '../ui/button.js';
import { CancelButton, DialogForm } from '../ui/dialog.js';
import { Field, Textarea } from '../ui/field.js';
import { verdictMeanings, verdictNames } from '../words.js';
import type { PageAct } from './optimistic.js';

interface ResolveFormProps {
  alerts: readonly Alert[];
  submit: (act: PageAct) => void;
}

export function ResolveForm({ alerts, submit }: ResolveFormProps) {
  useZone();
  const proved = alerts.length === 1 ? alerts[0]?.provedAt : undefined;
  const [verdict, setVerdict] = useState<AlertVerdict>('true-positive');
  const [note, setNote] = useState('');
  return (
    <DialogForm
      onSubmit={() => submit({ type: 'resolve', verdict, ...(note.trim() && { note: note.trim() }) })}
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
          {alertVerdicts.map((value) => (
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
                <span className="block font-medium text-sm">{verdictNames[value]}</span>
                <span className="block text-muted text-xs">{verdictMeanings[value].when}</span>
                <span className="mt-0.5 block text-faint text-xs">{verdictMeanings[value].effect}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <p className="text-faint text-xs">
        It can be taken back for some seconds, before the model hears of it; what it lifted stays lifted.
      </p>
      {typeof proved === 'number' && (
        <p className="text-muted text-sm">
          The user proved itself at {moment(proved)}. It is the user, then, and not a thief; whether it was harmless is for you to
          say.
        </p>
      )}
      <Field label="Note (optional)">
        {(ids) => <Textarea {...ids} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}
      </Field>
    </DialogForm>
  );
}
