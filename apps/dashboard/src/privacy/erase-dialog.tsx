/**
 * Erases an actor everywhere: says what goes and what stays, wants the name typed once more and a reason, and then shows how far the
 * workers have come and what they removed. It may be closed meanwhile: the Privacy page goes on showing it.
 */
import type { Erasure } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useMay } from '../allowed.js';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input, Textarea } from '../ui/field.js';
import { ErasureReport } from './erasure-report.js';
import { erasuresQuery } from './privacy-queries.js';
import { type EraseDraft, eraseFault, GOES, STAYS } from './privacy-words.js';

export interface EraseDialogProps {
  open: boolean;
  /** Whom, by id or pseudonym; absent where the dialog asks. */
  actor?: string;
  onClose: () => void;
}

export function EraseDialog({ open, actor, onClose }: EraseDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={(still) => !still && onClose()}
      title="Erase a user"
      description={`${actor === undefined ? 'Somebody' : actor} is removed from every store, in all services. This cannot be undone.`}
    >
      {open && <Erase actor={actor} />}
    </Dialog>
  );
}

function Erase({ actor }: { actor: string | undefined }) {
  const client = useQueryClient();
  const erase = useMutation({
    mutationFn: ({ actor: whom, reason }: EraseDraft) =>
      callOperation('eraseActor', { body: { actor: whom, reason: reason.trim() } }),
    onSuccess: () => client.invalidateQueries({ queryKey: erasuresQuery.queryKey }),
  });
  if (erase.data) return <Progress begun={erase.data} />;
  return <EraseForm actor={actor} error={erase.error} busy={erase.isPending} onErase={(draft) => erase.mutate(draft)} />;
}

/** As the list has it meanwhile; whoever may erase may not read it, and then sees that it has begun. */
function Progress({ begun }: { begun: Erasure }) {
  const client = useQueryClient();
  const reads = useMay('erasure.read');
  const erasure = useQuery({ ...erasuresQuery, enabled: reads }).data?.items.find(({ id }) => id === begun.id) ?? begun;
  const isDone = erasure.doneAt !== null;
  // What the page behind still shows of the actor is nowhere any more.
  useEffect(() => {
    if (isDone) void client.invalidateQueries();
  }, [isDone, client]);
  return (
    <div className="px-5 pt-4 pb-5">
      <ErasureReport erasure={erasure} />
      <p className="mt-3 text-faint text-xs">
        In the audit and in the list of erasures it is <span className="break-all font-mono">{erasure.pseudonym}</span>.
      </p>
      {!isDone && (
        <p className="mt-1 text-faint text-xs">
          {reads
            ? 'You may close this: the Privacy page shows what comes of it.'
            : 'It has begun. Owners of every team see what comes of it.'}
        </p>
      )}
    </div>
  );
}

interface EraseFormProps {
  actor: string | undefined;
  error: Error | null;
  busy: boolean;
  onErase: (draft: EraseDraft) => void;
}

function EraseForm({ actor, error, busy, onErase }: EraseFormProps) {
  const [draft, setDraft] = useState<EraseDraft>({ actor: actor ?? '', again: '', reason: '' });
  const [tried, setTried] = useState(false);
  const fault = eraseFault(draft);
  const faultOf = (field: keyof EraseDraft) => (tried && fault?.field === field ? fault.says : undefined);
  const change = (part: Partial<EraseDraft>) => setDraft({ ...draft, ...part });
  const submit = () => {
    setTried(true);
    if (fault === undefined) onErase(draft);
  };
  return (
    <DialogForm
      onSubmit={submit}
      error={error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="danger" busy={busy}>
            Erase for good
          </Button>
        </>
      }
    >
      <section aria-label="What goes" className="rounded-md bg-sunken px-3 py-2 text-sm">
        <ul className="list-disc space-y-0.5 pl-4">
          {GOES.map((part) => (
            <li key={part}>{part}</li>
          ))}
        </ul>
        <p className="mt-2 text-muted">{STAYS}</p>
      </section>
      {actor === undefined && (
        <Field label="Id or pseudonym" fault={faultOf('actor')}>
          {(ids) => <Name {...ids} value={draft.actor} onChange={(value) => change({ actor: value })} />}
        </Field>
      )}
      <Field label="Reason" fault={faultOf('reason')}>
        {(ids) => (
          <Textarea {...ids} maxLength={500} value={draft.reason} onChange={(event) => change({ reason: event.target.value })} />
        )}
      </Field>
      <Field label={actor === undefined ? 'The same once more' : `Type ${actor} to confirm`} fault={faultOf('again')}>
        {(ids) => <Name {...ids} value={draft.again} onChange={(value) => change({ again: value })} />}
      </Field>
    </DialogForm>
  );
}

interface NameProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
  value: string;
  onChange: (value: string) => void;
}

const Name = ({ onChange, ...rest }: NameProps) => (
  <Input
    {...rest}
    className="font-mono"
    maxLength={768}
    autoComplete="off"
    autoCapitalize="off"
    spellCheck={false}
    onChange={(event) => onChange(event.target.value)}
  />
);
