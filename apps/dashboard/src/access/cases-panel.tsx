/** Cases that every edit must keep: a request, and whether it must be allowed or denied. */

import { accessRequest } from 'virtual:contract';
import { type AccessActionName, type AccessCase, accessActionNames, type BodyOf } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { callOperation } from '../api.js';
import { serverNow } from '../clock.js';
import { check } from '../contract/shape.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/confirm.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input, Select, Textarea } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Empty } from '../ui/states.js';

interface CasesPanelProps {
  cases: readonly AccessCase[];
  editable: boolean;
}

export function CasesPanel({ cases, editable }: CasesPanelProps) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<AccessCase>();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => callOperation('deleteAccessCase', { params: { id } }),
    onSuccess: () => {
      setRemoving(undefined);
      return client.invalidateQueries({ queryKey: ['access-policies'] });
    },
  });
  return (
    <Panel
      title="Cases"
      actions={
        editable && (
          <Button size="sm" onClick={() => setAdding(true)}>
            Add a case
          </Button>
        )
      }
    >
      {cases.length === 0 ? (
        <Empty icon={ListChecks} title="No case yet">
          A case says what must stay allowed or denied. An edit that breaks one is not saved.
        </Empty>
      ) : (
        <ul className="divide-y">
          {cases.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
              <span className="font-medium">{one.name}</span>
              <span className="text-muted">
                {one.request.principal.role}, <code className="font-mono text-xs">{one.request.action}</code>: {one.expected}
              </span>
              {editable && (
                <Button size="sm" className="ml-auto" onClick={() => setRemoving(one)}>
                  Remove<span className="sr-only"> {one.name}</span>
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Confirm
        open={removing !== undefined}
        onOpenChange={(open) => !open && setRemoving(undefined)}
        title="Remove case"
        description={removing && `Edits may break “${removing.name}” from then on. It is not kept.`}
        act="Remove case"
        mutation={remove}
        onConfirm={() => removing && remove.mutate(removing.id)}
      />
      <Dialog
        open={adding}
        onOpenChange={setAdding}
        title="Add a case"
        description="Who, what, on what, under which circumstances"
      >
        <AddCase onDone={() => setAdding(false)} />
      </Dialog>
    </Panel>
  );
}

const template = () =>
  JSON.stringify(
    {
      principal: { id: 'somebody', role: 'analyst', teams: [], everyTeam: true },
      resource: { type: 'Decision', service: 'shop', team: 'default', environment: 'production' },
      context: { risk: 0, amr: ['passkey'], userVerified: true, address: '192.0.2.1' },
    },
    null,
    2,
  );

function AddCase({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [action, setAction] = useState<AccessActionName>('decision.lift');
  const [expected, setExpected] = useState<AccessCase['expected']>('deny');
  const [rest, setRest] = useState(template);
  const add = useMutation({
    mutationFn: () => callOperation('createAccessCase', { body: { name, expected, request: requestFrom(action, rest) } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['access-policies'] });
      onDone();
    },
  });
  return (
    <DialogForm
      onSubmit={() => add.mutate()}
      error={add.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look="primary" busy={add.isPending} disabled={!name.trim()}>
            Add
          </Button>
        </>
      }
    >
      <Field label="Name">
        {(ids) => <Input {...ids} maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Action">
          {(ids) => (
            <Select {...ids} value={action} onChange={(event) => setAction(event.target.value as AccessActionName)}>
              {accessActionNames.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Must be">
          {(ids) => (
            <Select {...ids} value={expected} onChange={(event) => setExpected(event.target.value as AccessCase['expected'])}>
              <option value="allow">allowed</option>
              <option value="deny">denied</option>
            </Select>
          )}
        </Field>
      </div>
      <Field label="Who, on what, how" hint="JSON. The resource's type must be one that the action works on.">
        {(ids) => (
          <Textarea
            {...ids}
            rows={12}
            spellCheck={false}
            className="font-mono sm:text-xs"
            value={rest}
            onChange={(event) => setRest(event.target.value)}
          />
        )}
      </Field>
    </DialogForm>
  );
}

/** @throws with a sentence for the form. */
function requestFrom(action: AccessActionName, text: string) {
  let value: { context?: object } | null;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('That is no JSON.');
  }
  const request = { ...value, action, context: { time: serverNow(), ...value?.context } };
  const read = check(accessRequest, request);
  if (read.type === 'sound') return request as BodyOf<'createAccessCase'>['request'];
  const [fault] = read.faults;
  throw new Error(`${fault?.path || 'The request'}: ${fault?.reason}`);
}
