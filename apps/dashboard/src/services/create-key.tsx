/** Makes an API key: its name, what it may do, and whether its batches must be signed. The secret is shown here once. */
import { type KeyScope, keyScopes } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { CodeBlock } from '../ui/copy.js';
import { CancelButton, DialogForm } from '../ui/dialog.js';
import { Field, Input } from '../ui/field.js';
import { scopeMeanings, scopeNames } from './scopes.js';

export function CreateKey({ service }: { service: string }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly KeyScope[]>(['ingest:write', 'decisions:read']);
  const [requireSignedBatches, setSigned] = useState(false);
  const [days, setDays] = useState('');
  const create = useMutation({
    mutationFn: () =>
      callOperation('createKey', {
        params: { id: service },
        body: {
          name: name.trim(),
          scopes: keyScopes.filter((scope) => scopes.includes(scope)),
          requireSignedBatches,
          ...(days && { expiresInDays: Number(days) }),
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys', service] }),
  });
  if (create.data) return <Secret secret={create.data.secret} />;
  const toggle = (scope: KeyScope, on: boolean) =>
    setScopes((old) => (on ? [...old, scope] : old.filter((one) => one !== scope)));
  return (
    <DialogForm
      onSubmit={() => name.trim() && scopes.length > 0 && create.mutate()}
      error={create.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={create.isPending} disabled={!name.trim() || scopes.length === 0}>
            Create key
          </Button>
        </>
      }
    >
      <Field label="Name" hint="Where it will be used, such as “production pods”.">
        {(ids) => <Input {...ids} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <EndField days={days} onDays={setDays} />
      <fieldset>
        <legend className="mb-1.5 font-medium text-muted text-xs">What it may do</legend>
        <div className="space-y-2">
          {keyScopes.map((scope) => (
            <Choice
              key={scope}
              name={scopeNames[scope]}
              code={scope}
              meaning={scopeMeanings[scope]}
              checked={scopes.includes(scope)}
              onChange={(on) => toggle(scope, on)}
            />
          ))}
        </div>
      </fieldset>
      <Choice
        name="Take signed batches alone"
        meaning="Each instance of the SDK signs with a key of its own, which it registers by itself: a batch that was seen on the way cannot be changed or sent again. Other senders, such as “ship”, cannot sign."
        checked={requireSignedBatches}
        onChange={setSigned}
      />
    </DialogForm>
  );
}

/** After how many days a key ends; empty: it has no end. */
export const EndField = ({ days, onDays }: { days: string; onDays: (days: string) => void }) => (
  <Field label="Ends after days (optional)" hint="Its last two weeks are marked here, so that it can be rotated in time.">
    {(ids) => <Input {...ids} type="number" min={1} max={3650} value={days} onChange={(event) => onDays(event.target.value)} />}
  </Field>
);

interface ChoiceProps {
  name: string;
  code?: string;
  meaning: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}

const Choice = ({ name, code, meaning, checked, onChange }: ChoiceProps) => (
  <label className="flex cursor-pointer gap-3 rounded-md border px-3 py-2 has-checked:border-accent has-checked:bg-accent/6">
    <input
      type="checkbox"
      className="mt-1 size-4 shrink-0 accent-accent"
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
    />
    <span className="min-w-0">
      <span className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium text-sm">{name}</span>
        {code && <code className="font-mono text-faint text-xs">{code}</code>}
      </span>
      <span className="block text-muted text-xs">{meaning}</span>
    </span>
  </label>
);

export function Secret({ secret }: { secret: string }) {
  return (
    <div className="space-y-3 px-5 pt-4 pb-5">
      <CodeBlock label="secret key" code={secret} />
      <p className="text-muted text-sm">
        Copy it now: it is stored as a hash only and will not be shown again. Give it to the API as{' '}
        <code className="font-mono text-xs">PLIMSOLL_KEY</code>.
      </p>
    </div>
  );
}
