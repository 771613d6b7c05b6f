/** Adds a person and shows the link to sign in for the first time. */
import type { Person } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { CancelButton, DialogForm } from '../ui/dialog.js';
import { Field, Input, Select } from '../ui/field.js';
import { LinkBox, validities } from './link-box.js';
import { RoleField } from './role-field.js';
import { attributesIn, everything, SightFields } from './sight-fields.js';

export function Invite() {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Person['role']>('analyst');
  const [sight, setSight] = useState(everything);
  const [validMinutes, setValidMinutes] = useState<number>(15);
  const invite = useMutation({
    mutationFn: () =>
      callOperation('invite', { body: { name: name.trim(), role, validMinutes, attributes: attributesIn(sight) } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['members'] }),
  });
  if (invite.data) return <LinkBox made={invite.data} />;
  return (
    <DialogForm
      onSubmit={() => name.trim() && invite.mutate()}
      error={invite.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={invite.isPending} disabled={!name.trim()}>
            Make the link
          </Button>
        </>
      }
    >
      <Field label="Name">
        {(ids) => <Input {...ids} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <RoleField role={role} onChange={setRole} />
      <SightFields value={sight} onChange={setSight} />
      <Field label="The link works for">
        {(ids) => (
          <Select {...ids} value={validMinutes} onChange={(event) => setValidMinutes(Number(event.target.value))}>
            {validities.map(({ minutes, name: text }) => (
              <option key={minutes} value={minutes}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </DialogForm>
  );
}
