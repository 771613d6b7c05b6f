/** Writes one policy: its text with what is wrong in it, formatted on demand, tried before it is saved. */
import type { AccessPolicyView, PolicyFault } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useRef, useState } from 'react';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/confirm.js';
import { Field, Input, Textarea } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { placeOf } from './place.js';
import { SimulationView } from './simulation-view.js';

const EXAMPLE = `// Nobody but owners lifts blocks in production.
forbid (principal, action == Action::"decision.lift", resource)
when { resource.environment == "production" }
unless { principal.role == "owner" };`;

interface PolicyEditorProps {
  /** Undefined: a new one. */
  policy: AccessPolicyView | undefined;
  schema: string;
  onDone: () => void;
}

export function PolicyEditor({ policy, schema, onDone }: PolicyEditorProps) {
  const [name, setName] = useState(policy?.name ?? '');
  const [text, setText] = useState(policy?.text ?? EXAMPLE);
  const [removing, setRemoving] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const edit = useEdit(policy, { name: name.trim(), text }, onDone);
  const change = (next: string) => {
    setText(next);
    edit.forget();
  };
  const format = () =>
    edit.check.mutate(text, {
      onSuccess: ({ formatted }) => {
        if (formatted === null) return;
        const next = formatted.trim();
        setText(next);
        // The faults found stand at their places in the text as it was.
        if (next !== text) edit.check.mutate(next);
      },
    });
  return (
    <Panel title={policy ? `Edit “${policy.name}”` : 'New policy'}>
      <form
        className="space-y-3 px-4 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          edit.save.mutate();
        }}
      >
        <Field label="Name">
          {(ids) => <Input {...ids} required maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Policy" hint="One permit or forbid, in Cedar.">
          {(ids) => (
            <Textarea
              {...ids}
              ref={area}
              required
              rows={10}
              spellCheck={false}
              maxLength={16_384}
              className="font-mono sm:text-xs"
              value={text}
              onChange={(event) => change(event.target.value)}
            />
          )}
        </Field>
        {edit.check.data && <Faults faults={edit.check.data.faults} text={text} area={area} />}
        {edit.error && (
          <p role="alert" className="break-words font-medium text-critical text-sm">
            {edit.error.message}
          </p>
        )}
        {edit.simulate.data && <SimulationView simulation={edit.simulate.data} />}
        <EditorButtons
          edit={edit}
          check={() => edit.check.mutate(text)}
          format={format}
          {...(policy && { remove: () => setRemoving(true) })}
          onCancel={onDone}
        />
        <details>
          <summary className="cursor-pointer text-muted text-xs">What a policy may speak of</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys as well */}
          <pre tabIndex={0} className="mt-2 max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs">
            {schema}
          </pre>
        </details>
      </form>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title="Remove policy"
        description={`What “${policy?.name ?? ''}” permits or forbids no longer holds, at once and for everybody. Its versions are kept.`}
        act="Remove policy"
        mutation={edit.remove}
        onConfirm={() => edit.remove.mutate()}
      />
    </Panel>
  );
}

type Edit = ReturnType<typeof useEdit>;

function useEdit(policy: AccessPolicyView | undefined, draft: { name: string; text: string }, onDone: () => void) {
  const client = useQueryClient();
  const { name, text } = draft;
  const done = (word: string) => {
    toast.success(word, { description: name });
    void client.invalidateQueries({ queryKey: ['access-policies'] });
    void client.invalidateQueries({ queryKey: ['me'] });
    onDone();
  };
  const check = useMutation({
    mutationFn: (draftText: string) => callOperation('checkAccessPolicy', { body: { text: draftText } }),
  });
  const simulate = useMutation({
    mutationFn: async () => {
      await check.mutateAsync(text);
      return callOperation('simulateAccessPolicy', { body: { text, ...(policy && { id: policy.id }) } });
    },
  });
  const save = useMutation({
    // Faults first: nobody should prove presence for what cannot be saved.
    mutationFn: async () => {
      const { faults } = await check.mutateAsync(text);
      if (faults.some(({ severity }) => severity === 'error')) throw new Error('The policy has faults: it was not saved.');
      return policy
        ? callOperation('updateAccessPolicy', { params: { id: policy.id }, body: { name, text, version: policy.version } })
        : callOperation('createAccessPolicy', { body: { name, text } });
    },
    onSuccess: () => done('Policy saved'),
  });
  const remove = useMutation({
    mutationFn: () => callOperation('deleteAccessPolicy', { params: { id: policy?.id ?? '' } }),
    onSuccess: () => done('Policy removed'),
  });
  const forget = () => {
    for (const mutation of [check, simulate, save, remove]) mutation.reset();
  };
  return { check, simulate, save, remove, forget, error: save.error ?? simulate.error ?? check.error };
}

interface EditorButtonsProps {
  edit: Edit;
  check: () => void;
  format: () => void;
  /** Absent: there is nothing to remove yet. */
  remove?: () => void;
  onCancel: () => void;
}

const EditorButtons = ({ edit, check, format, remove, onCancel }: EditorButtonsProps) => (
  <div className="flex flex-wrap gap-2">
    <Button type="submit" look="primary" busy={edit.save.isPending}>
      Save
    </Button>
    <Button onClick={() => edit.simulate.mutate()} busy={edit.simulate.isPending}>
      Try it
    </Button>
    <Button onClick={check} busy={edit.check.isPending}>
      Check
    </Button>
    <Button onClick={format}>Format</Button>
    {remove && (
      <Button look="danger" onClick={remove}>
        Remove
      </Button>
    )}
    <Button className="sm:ml-auto" onClick={onCancel}>
      Cancel
    </Button>
  </div>
);

interface FaultsProps {
  faults: readonly PolicyFault[];
  text: string;
  area: RefObject<HTMLTextAreaElement | null>;
}

function Faults({ faults, text, area }: FaultsProps) {
  if (faults.length === 0)
    return (
      <p role="status" className="text-good text-sm">
        No fault found.
      </p>
    );
  const show = ({ start, end }: PolicyFault) => {
    area.current?.focus();
    area.current?.setSelectionRange(start ?? 0, end ?? 0);
  };
  return (
    <div role="status">
      <ul className="space-y-1.5">
        {faults.map((fault) => (
          <li key={`${fault.start}:${fault.message}`} className="break-words text-sm">
            <button type="button" className="text-left hover:underline" onClick={() => show(fault)}>
              <span className={fault.severity === 'error' ? 'font-medium text-critical' : 'font-medium text-muted'}>
                {fault.start === null ? '' : `${placeOf(text, fault.start)}: `}
                {fault.message}
              </span>
              {fault.hint && <span className="text-muted">, {fault.hint}</span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
