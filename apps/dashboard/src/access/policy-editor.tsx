/** Writes one policy, in a form or as its text with what is wrong in it, formatted on demand, tried before it is saved. */
import type { AccessPolicyView } from '@plimsoll/contracts';
import { useMutation } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/confirm.js';
import { Field, Input, Textarea } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { Faults } from './faults.js';
import { EXAMPLE, type FormPolicy, faultOf, formOf, hasComment, textOf } from './form-policy.js';
import { PolicyForm } from './policy-form.js';
import { SimulationView } from './simulation-view.js';
import { type Edit, useEdit } from './use-edit.js';

interface PolicyEditorProps {
  /** Undefined: a new one. */
  policy: AccessPolicyView | undefined;
  schema: string;
  onDone: () => void;
}

type Mode = 'form' | 'text';
const modes = [
  { value: 'form', name: 'Form' },
  { value: 'text', name: 'Text' },
] as const;

/** The draft in both of its shapes. The text is what is saved; the form writes it, and can be had back while the text says no more than it knows. */
function useDraft(policy: AccessPolicyView | undefined) {
  const [mode, setMode] = useState<Mode>(policy ? 'text' : 'form');
  const [form, setForm] = useState(EXAMPLE);
  const [text, setText] = useState(policy?.text ?? textOf(EXAMPLE));
  const [beyond, setBeyond] = useState(false);
  /** What was asked for last: an answer that comes after it was typed on, or the text was chosen, is late. */
  const wanted = useRef<Mode>('form');
  const reading = useMutation({
    mutationFn: (draft: string) => callOperation('checkAccessPolicy', { body: { text: draft } }),
    onSuccess: ({ json }, draft) => {
      if (wanted.current !== 'form') return;
      const found = hasComment(draft) ? undefined : formOf(json);
      setBeyond(found === undefined);
      if (found === undefined) return;
      setForm(found);
      setMode('form');
    },
  });
  const { mutate: read, reset: forgetRead } = reading;
  const known = policy?.text;
  // A policy that the form can hold is opened in it.
  useEffect(() => {
    if (known !== undefined) read(known);
  }, [known, read]);
  return {
    mode,
    form,
    text,
    /** The text says what the form cannot. */
    beyond,
    /** The text could not be read for the form. */
    error: reading.error,
    choose: (next: Mode) => {
      wanted.current = next;
      if (next === 'form') return read(text);
      forgetRead();
      setMode(next);
    },
    fill: (next: FormPolicy) => {
      setForm(next);
      setText(textOf(next));
    },
    write: (next: string) => {
      wanted.current = 'text';
      setText(next);
      setBeyond(false);
      forgetRead();
    },
  };
}

export function PolicyEditor({ policy, schema, onDone }: PolicyEditorProps) {
  const [name, setName] = useState(policy?.name ?? '');
  const draft = useDraft(policy);
  const { mode, text } = draft;
  const [removing, setRemoving] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const edit = useEdit(policy, { name: name.trim(), text }, onDone);
  const fault = mode === 'form' ? faultOf(draft.form) : undefined;
  const error = draft.error ?? edit.error;
  const format = () =>
    edit.check.mutate(text, {
      onSuccess: ({ formatted }) => {
        if (formatted === null) return;
        const next = formatted.trim();
        draft.write(next);
        // The faults found stand at their places in the text as it was.
        if (next !== text) edit.check.mutate(next);
      },
    });
  return (
    <Panel
      title={policy ? `Edit “${policy.name}”` : 'New policy'}
      actions={<Segmented label="Edit as" value={mode} choices={modes} onChange={draft.choose} />}
    >
      <form
        className="space-y-3 px-4 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (fault === undefined) edit.save.mutate();
        }}
      >
        <Field label="Name">
          {(ids) => <Input {...ids} required maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <DraftFields draft={draft} area={area} onChange={edit.forget} />
        <div role="status" className="font-medium text-critical text-sm empty:mb-0">
          {fault}
        </div>
        {edit.check.data && <Faults faults={edit.check.data.faults} text={text} area={mode === 'text' ? area : undefined} />}
        {error && (
          <p role="alert" className="break-words font-medium text-critical text-sm">
            {error.message}
          </p>
        )}
        {edit.simulate.data && <SimulationView simulation={edit.simulate.data} />}
        <EditorButtons
          edit={edit}
          disabled={fault !== undefined}
          check={() => edit.check.mutate(text)}
          {...(mode === 'text' && { format })}
          {...(policy && { remove: () => setRemoving(true) })}
          onCancel={onDone}
        />
        <Vocabulary schema={schema} />
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

const Vocabulary = ({ schema }: { schema: string }) => (
  <details>
    <summary className="cursor-pointer text-muted text-xs">What a policy may speak of</summary>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys as well */}
    <pre tabIndex={0} className="mt-2 max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs">
      {schema}
    </pre>
  </details>
);

interface DraftFieldsProps {
  draft: ReturnType<typeof useDraft>;
  area: RefObject<HTMLTextAreaElement | null>;
  onChange: () => void;
}

function DraftFields({ draft, area, onChange }: DraftFieldsProps) {
  if (draft.mode === 'form') {
    return (
      <PolicyForm
        policy={draft.form}
        onChange={(next) => {
          draft.fill(next);
          onChange();
        }}
      />
    );
  }
  return (
    <Field
      label="Policy"
      hint={
        draft.beyond
          ? 'This says more than the form can, is not whole yet, or has comments: it is edited as a text.'
          : 'One permit or forbid, in Cedar.'
      }
    >
      {(ids) => (
        <Textarea
          {...ids}
          ref={area}
          required
          rows={10}
          spellCheck={false}
          maxLength={16_384}
          className="font-mono sm:text-xs"
          value={draft.text}
          onChange={(event) => {
            draft.write(event.target.value);
            onChange();
          }}
        />
      )}
    </Field>
  );
}

interface EditorButtonsProps {
  edit: Edit;
  /** The form is not whole. */
  disabled: boolean;
  check: () => void;
  /** Absent where there is no text to format. */
  format?: () => void;
  /** Absent: there is nothing to remove yet. */
  remove?: () => void;
  onCancel: () => void;
}

const EditorButtons = ({ edit, disabled, check, format, remove, onCancel }: EditorButtonsProps) => (
  <div className="flex flex-wrap gap-2">
    <Button type="submit" look="primary" busy={edit.save.isPending} disabled={disabled}>
      Save
    </Button>
    <Button onClick={() => edit.simulate.mutate()} busy={edit.simulate.isPending} disabled={disabled}>
      Try it
    </Button>
    <Button onClick={check} busy={edit.check.isPending} disabled={disabled}>
      Check
    </Button>
    {format && <Button onClick={format}>Format</Button>}
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
