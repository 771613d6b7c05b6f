/** Adds a protected API and leads to its page, where its first key is made. */
import type { PolicyMode } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input, Select } from '../ui/field.js';
import { modes } from './policy-panel.js';

interface CreateServiceProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function CreateService({ open, onOpenChange }: CreateServiceProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New service" description="One API, in one environment.">
      <CreateForm />
    </Dialog>
  );
}

function CreateForm() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState({ id: '', environment: 'production', team: 'default', policy: 'block' as PolicyMode });
  const [dryRun, setDryRun] = useState(true);
  const create = useMutation({
    mutationFn: () => callOperation('createService', { body: { ...form, dryRun } }),
    onSuccess: async (service) => {
      await client.invalidateQueries({ queryKey: ['services'] });
      await navigate({ to: '/services/$id', params: { id: service.id } });
    },
  });
  const text = (name: 'id' | 'environment' | 'team', label: string, hint?: string) => (
    <Field label={label} hint={hint}>
      {(ids) => (
        <Input
          {...ids}
          required
          maxLength={60}
          autoComplete="off"
          value={form[name]}
          onChange={(event) => setForm({ ...form, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <DialogForm
      onSubmit={() => create.mutate()}
      error={create.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={create.isPending}>
            Add service
          </Button>
        </>
      }
    >
      {text('id', 'Id', 'Lower-case letters, digits and dashes; the same as service.name in OpenTelemetry.')}
      <div className="grid grid-cols-2 gap-3">
        {text('environment', 'Environment')}
        {text('team', 'Team')}
      </div>
      <Field label="Policy" hint={modes.find(({ value }) => value === form.policy)?.meaning}>
        {(ids) => (
          <Select
            {...ids}
            value={form.policy}
            onChange={(event) => setForm({ ...form, policy: event.target.value as PolicyMode })}
          >
            {modes.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <label className="flex cursor-pointer gap-3">
        <input
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-accent"
          checked={dryRun}
          onChange={(event) => setDryRun(event.target.checked)}
        />
        <span>
          <span className="block font-medium text-sm">Begin with a dry run</span>
          <span className="block text-muted text-xs">
            The policy only records what it would have done. One click enforces it, once you have seen whom it would hit.
          </span>
        </span>
      </label>
    </DialogForm>
  );
}
