/** A decision by hand, about somebody for whom there is no alert. */
import { type DecisionAction, type EnforceableSubject, SELF_SERVICE } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../allowed.js';
import { useCommands } from '../commands.js';
import { useKeys } from '../keys.js';
import { servicesQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, Input, Select } from '../ui/field.js';
import { Segmented } from '../ui/segmented.js';
import { subjectTypeName } from '../words.js';
import { DecideForm } from './decide-dialog.js';
import { type Draft, emptyDraft } from './order.js';

const subjectTypes: readonly EnforceableSubject['type'][] = ['actor', 'address', 'credential'];
const actions = [
  { value: 'throttle', name: 'Throttle' },
  { value: 'challenge', name: 'Challenge' },
  { value: 'block', name: 'Block' },
] as const;

export function NewDecision() {
  const [open, setOpen] = useState(false);
  const may = useMay('decision.make');
  // The console enforces nothing on itself.
  const services = (useQuery(servicesQuery).data?.items ?? []).filter(({ id }) => id !== SELF_SERVICE);
  const offered = may && services.length > 0;
  const begin = () => setOpen(true);
  useKeys({ n: () => offered && begin() });
  useCommands('decisions', offered ? [{ name: 'New decision…', key: 'n', run: begin }] : []);
  if (!may) return null;
  return (
    <>
      <Button look="primary" onClick={begin} disabled={!offered}>
        <Plus aria-hidden className="size-4" /> New decision
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New decision" description="It holds in every instance within a second.">
        <NewForm services={services.map(({ id }) => id)} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function NewForm({ services, onDone }: { services: readonly string[]; onDone: () => void }) {
  const [action, setAction] = useState<DecisionAction>('throttle');
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(services[0] ?? ''));
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const { type, id } = draft.subject;
  return (
    <DecideForm action={action} draft={draft} endpoint={null} onChange={change} onDone={onDone}>
      <Segmented label="Action" value={action} choices={actions} onChange={setAction} />
      <Field label="Service">
        {(ids) => (
          <Select {...ids} value={draft.service} onChange={(event) => change({ service: event.target.value })}>
            {services.map((service) => (
              <option key={service}>{service}</option>
            ))}
          </Select>
        )}
      </Field>
      <div className="grid grid-cols-[8rem_1fr] gap-3">
        <Field label="Whom">
          {(ids) => (
            <Select
              {...ids}
              value={type}
              onChange={(event) => {
                const next = subjectTypes.find((each) => each === event.target.value);
                if (next) change({ subject: { type: next, id } });
              }}
            >
              {subjectTypes.map((each) => (
                <option key={each} value={each}>
                  {subjectTypeName(each)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={type === 'address' ? 'IP address' : type === 'credential' ? 'Fingerprint' : 'Id'}>
          {(ids) => (
            <Input
              {...ids}
              maxLength={768}
              value={id}
              onChange={(event) => change({ subject: { type, id: event.target.value } })}
            />
          )}
        </Field>
      </div>
    </DecideForm>
  );
}
