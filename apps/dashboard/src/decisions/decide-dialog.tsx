/** Block, challenge or throttle somebody: whom, where, how long, why. Closes only when the server has taken the decision. */
import type { DecisionAction } from '@plimsoll/contracts';
import { type ReactNode, useState } from 'react';
import { useDecide } from '../actions.js';
import { serverNow } from '../clock.js';
import { duration, fieldTime, timeOfField } from '../format.js';
import { Button } from '../ui/button.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input, Select, Textarea } from '../ui/field.js';
import { TimeField } from '../ui/time-field.js';
import { actionNames, subjectText, subjectTypeName } from '../words.js';
import { HarmPanel } from './harm-panel.js';
import { type Draft, durations, orderOf, windows } from './order.js';

export interface DecideDialogProps {
  /** Open while there is one. */
  action: DecisionAction | undefined;
  draft: Draft;
  /** The endpoint of the alert, offered as a narrower place. */
  endpoint?: string | null;
  onClose: () => void;
}

const effects: Record<DecisionAction, string> = {
  block: 'Every request is answered 403 within a second, until the time is over or somebody lifts it.',
  challenge:
    'Every request is answered 403 until the user has proved itself to your API, which then says so; your API decides how, and needs a way for it.',
  throttle: 'Requests above the rate are answered 429 with Retry-After; the rest passes.',
};

export function DecideDialog({ action, draft, endpoint, onClose }: DecideDialogProps) {
  return (
    <Dialog
      open={action !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={action ? `${actionNames[action]} ${subjectTypeName(draft.subject.type).toLowerCase()}` : ''}
      description={action && `${subjectText(draft.subject)} in ${draft.service}. ${effects[action]}`}
    >
      {action && <AlertDecideForm action={action} draft={draft} endpoint={endpoint ?? null} onDone={onClose} />}
    </Dialog>
  );
}

/** Keeps the draft from when the dialog was opened: the alert may go on changing behind it. */
function AlertDecideForm({ draft: initial, ...rest }: Omit<DecideFormProps, 'onChange'>) {
  const [draft, setDraft] = useState(initial);
  return <DecideForm {...rest} draft={draft} onChange={(part) => setDraft((old) => ({ ...old, ...part }))} />;
}

interface Last {
  seconds: number;
  name: string;
}

interface DecideFormProps {
  action: DecisionAction;
  draft: Draft;
  /** Offered as a narrower place beside "everywhere". */
  endpoint: string | null;
  onChange: (part: Partial<Draft>) => void;
  onDone: () => void;
  /** How long it may last; all that there are where it is absent. */
  lasts?: readonly Last[];
  /** It may not end before this. */
  after?: number;
  /** Fields before the others. */
  children?: ReactNode;
}

export function DecideForm({
  action,
  draft,
  endpoint,
  onChange,
  onDone,
  lasts = durations,
  after = 0,
  children,
}: DecideFormProps) {
  const decide = useDecide();
  const [missing, setMissing] = useState<string>();
  const [now] = useState(serverNow);
  const [own, setOwn] = useState<string>();
  const submit = () => {
    if (own !== undefined && timeOfField(own) <= serverNow()) return setMissing('That time is past.');
    const order = orderOf(action, own === undefined ? draft : { ...draft, durationSeconds: secondsUntil(own) });
    setMissing('missing' in order ? order.missing : undefined);
    if ('body' in order) decide.mutate(order.body, { onSuccess: onDone });
  };
  return (
    <DialogForm
      onSubmit={submit}
      error={missing ? new Error(missing) : decide.error}
      actions={
        <>
          <CancelButton />
          <Button type="submit" look={action === 'block' ? 'danger' : 'primary'} busy={decide.isPending}>
            Confirm {action}
          </Button>
        </>
      }
    >
      {children}
      {action === 'throttle' && <RateFields draft={draft} onChange={onChange} />}
      <div className={endpoint ? 'grid grid-cols-2 gap-3' : undefined}>
        <LastField draft={draft} lasts={lasts} own={own !== undefined} onChange={onChange} onOwn={setOwn} />
        {endpoint && <PlaceField draft={draft} endpoint={endpoint} onChange={onChange} />}
      </div>
      {own !== undefined && (
        <TimeField value={own} onChange={setOwn} from={Math.max(after, now + MINUTE_MS)} to={now + MOST_MS} />
      )}
      <Field label="Reason">
        {(ids) => (
          <Textarea
            {...ids}
            maxLength={500}
            value={draft.reason}
            onChange={(event) => onChange({ reason: event.target.value })}
          />
        )}
      </Field>
      <HarmPanel action={action} draft={draft} />
    </DialogForm>
  );
}

const MINUTE_MS = 60_000;
/** The API takes a year. */
const MOST_MS = 365 * 86_400_000;
const secondsUntil = (own: string): number => Math.max(10, Math.ceil((timeOfField(own) - serverNow()) / 1000));

type PartProps = Pick<DecideFormProps, 'draft' | 'onChange'>;

type LastFieldProps = PartProps & { lasts: readonly Last[]; own: boolean; onOwn: (own: string | undefined) => void };

/** For how long, or until a time of one's own. */
function LastField({ draft, lasts, own, onChange, onOwn }: LastFieldProps) {
  const choose = (value: string) => {
    const seconds = Number(value) || draft.durationSeconds;
    onOwn(value === 'own' ? fieldTime(serverNow() + 1000 * seconds) : undefined);
    onChange({ durationSeconds: seconds });
  };
  return (
    <Field label="For">
      {(ids) => (
        <Select {...ids} value={own ? 'own' : draft.durationSeconds} onChange={(event) => choose(event.target.value)}>
          {lasts.map(({ seconds, name }) => (
            <option key={seconds} value={seconds}>
              {name}
            </option>
          ))}
          <option value="own">Until another time…</option>
        </Select>
      )}
    </Field>
  );
}

function PlaceField({ draft, endpoint, onChange }: PartProps & { endpoint: string }) {
  return (
    <Field label="Where">
      {(ids) => (
        <Select {...ids} value={draft.endpoint ?? ''} onChange={(event) => onChange({ endpoint: event.target.value || null })}>
          <option value="">Everywhere in {draft.service}</option>
          <option value={endpoint}>Only {endpoint}</option>
        </Select>
      )}
    </Field>
  );
}

function RateFields({ draft, onChange }: PartProps) {
  // A policy's rate may count in a window that people are not offered.
  const [own] = useState(Number(draft.windowSeconds));
  const known = windows.some(({ seconds }) => seconds === own);
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label="Requests">
        {(ids) => (
          <Input
            {...ids}
            type="number"
            min={1}
            step="any"
            inputMode="decimal"
            value={draft.requests}
            onChange={(event) => onChange({ requests: event.target.value })}
          />
        )}
      </Field>
      <Field label="In each">
        {(ids) => (
          <Select {...ids} value={draft.windowSeconds} onChange={(event) => onChange({ windowSeconds: event.target.value })}>
            {!known && <option value={own}>{duration(own)}</option>}
            {windows.map(({ seconds, name }) => (
              <option key={seconds} value={seconds}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}
