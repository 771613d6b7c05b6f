/** The dialogs of the queue and of an alert's page: each asks what an act needs, for one alert or for many. */
import { type Alert, MAX_HOLD_MS } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { serverNow } from '../clock.js';
import { fieldTime, tomorrowAt } from '../format.js';
import { assigneesQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Select, Textarea } from '../ui/field.js';
import { TimeField } from '../ui/time-field.js';
import { kindNames, subjectText } from '../words.js';
import { alertsText, type PageAct } from './optimistic.js';
import { ResolveForm } from './resolve-dialog.js';
import { type End, type EndChoice, endChoices, endName, endOf } from './snooze-choices.js';
import { myself } from './use-act.js';

/** What is asked, about which alerts. */
export interface Asking {
  type: 'acknowledge' | 'resolve' | 'assign' | 'snooze';
  alerts: readonly Alert[];
}

export interface TriageDialogsProps {
  asking: Asking | undefined;
  act: (act: PageAct, alerts: readonly Alert[]) => void;
  onClose: () => void;
}
interface FormProps {
  alerts: readonly Alert[];
  submit: (act: PageAct) => void;
}

const titles: Record<Asking['type'], string> = {
  acknowledge: 'Acknowledge',
  resolve: 'Resolve alert',
  assign: 'Assign',
  snooze: 'Snooze',
};
const forms = { acknowledge: AcknowledgeForm, resolve: ResolveForm, assign: AssignForm, snooze: SnoozeForm };

function aboutText([first, ...others]: readonly Alert[]): string {
  if (!first) return '';
  return others.length > 0 ? alertsText(others.length + 1) : `${kindNames[first.kind]}: ${subjectText(first.subject)}`;
}

export function TriageDialogs({ asking, act, onClose }: TriageDialogsProps) {
  const Form = asking && forms[asking.type];
  return (
    <Dialog
      open={asking !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={asking ? titles[asking.type] : ''}
      description={asking && aboutText(asking.alerts)}
    >
      {Form && (
        <Form
          alerts={asking.alerts}
          submit={(what) => {
            act(what, asking.alerts);
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}

function Actions({ name, disabled = false }: { name: string; disabled?: boolean }) {
  return (
    <>
      <CancelButton />
      <Button type="submit" look="primary" disabled={disabled}>
        {name}
      </Button>
    </>
  );
}

function NoteField({ note, onChange }: { note: string; onChange: (note: string) => void }) {
  return (
    <Field label="Why (optional)">
      {(ids) => <Textarea {...ids} maxLength={500} value={note} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

const MINUTE_MS = 60_000;

function EndField({ label, end, onChange }: { label: string; end: End; onChange: (end: End) => void }) {
  const [now] = useState(serverNow);
  const choose = (value: string) => onChange(value === 'other' ? { at: fieldTime(tomorrowAt(9, now)) } : (value as EndChoice));
  return (
    <>
      <Field label={label}>
        {(ids) => (
          <Select {...ids} value={typeof end === 'object' ? 'other' : end} onChange={(event) => choose(event.target.value)}>
            {endChoices.map((choice) => (
              <option key={choice} value={choice}>
                {endName(choice, now)}
              </option>
            ))}
            <option value="other">Until another time…</option>
          </Select>
        )}
      </Field>
      {typeof end === 'object' && (
        <TimeField value={end.at} onChange={(at) => onChange({ at })} from={now + MINUTE_MS} to={now + MAX_HOLD_MS} />
      )}
    </>
  );
}

/** Absent rather than empty, as the API wants it. */
const said = (note: string) => (note.trim() ? { note: note.trim() } : {});
const ending = (end: End) => {
  const until = endOf(end, serverNow());
  return until === undefined ? {} : { until };
};

function AcknowledgeForm({ submit }: FormProps) {
  const [note, setNote] = useState('');
  const [end, setEnd] = useState<End>('none');
  return (
    <DialogForm
      onSubmit={() => submit({ type: 'acknowledge', ...said(note), ...ending(end) })}
      actions={<Actions name="Confirm acknowledge" />}
    >
      <NoteField note={note} onChange={setNote} />
      <EndField label="Opens again" end={end} onChange={setEnd} />
    </DialogForm>
  );
}

function SnoozeForm({ submit }: FormProps) {
  const [note, setNote] = useState('');
  const [end, setEnd] = useState<End>('morning');
  const [differs, setDiffers] = useState(true);
  return (
    <DialogForm
      onSubmit={() => submit({ type: 'snooze', differs, ...said(note), ...ending(end) })}
      actions={<Actions name="Confirm snooze" disabled={end === 'none' && !differs} />}
    >
      <EndField label="Ends" end={end} onChange={setEnd} />
      <label className="flex gap-3 text-sm">
        <input
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-accent"
          checked={differs}
          onChange={(event) => setDiffers(event.target.checked)}
        />
        <span>
          Wake me when it differs
          <span className="block text-faint text-xs">
            Another kind or endpoint, somebody new in it, a higher severity, or more than twice what is observed now.
          </span>
        </span>
      </label>
      <NoteField note={note} onChange={setNote} />
    </DialogForm>
  );
}

function AssignForm({ alerts, submit }: FormProps) {
  const people = useQuery(assigneesQuery).data?.items ?? [];
  const me = myself();
  const [chosen, setChosen] = useState(alerts[0]?.assignee?.id ?? me.id);
  const others = people.filter(({ id }) => id !== me.id);
  const assignee = [me, ...others].find(({ id }) => id === chosen);
  return (
    <DialogForm
      onSubmit={() => submit({ type: 'assign', assignee: assignee ? { id: assignee.id, name: assignee.name } : null })}
      actions={<Actions name="Confirm assign" />}
    >
      <Field label="To">
        {(ids) => (
          <Select {...ids} value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value={me.id}>Me ({me.name})</option>
            {others.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value="">Nobody</option>
          </Select>
        )}
      </Field>
    </DialogForm>
  );
}
