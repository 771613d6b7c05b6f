/** Business flows: ordered steps, each needing the one before it; and whether flows are learnt as well. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { Plus } from 'lucide-react';
import { Button } from '../ui/button.js';
import { type Draft, type FlowDraft, newFlow, newStep } from './draft.js';
import { EndpointField } from './endpoint-field.js';
import { useFault } from './faults-context.js';
import { moved, OrderButtons } from './order-buttons.js';
import { NamedRow, OrderedRows, type Place } from './ordered-rows.js';
import { Reset } from './reset.js';
import { Section } from './section.js';
import { settingMeanings } from './setting-words.js';
import { useRowFocus } from './use-row-focus.js';

interface FlowsSectionProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

export function FlowsSection({ draft: { flows, learnFlows }, onChange }: FlowsSectionProps) {
  const set = (next: FlowDraft[]) => onChange({ flows: next });
  return (
    <Section name="flows" actions={<Reset name="Flows" changed={flows.length > 0} defaultText="none" onReset={() => set([])} />}>
      <LearnFlows learnFlows={learnFlows} onChange={onChange} />
      <OrderedRows rows={flows} what="flow" newRow={newFlow} onChange={set}>
        {(flow, place) => <FlowRow key={flow.key} flow={flow} place={place} />}
      </OrderedRows>
    </Section>
  );
}

function LearnFlows({ learnFlows, onChange }: { learnFlows: boolean; onChange: (part: Partial<Draft>) => void }) {
  const usual = DEFAULT_SETTINGS.learnFlows;
  return (
    <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2 rounded-md bg-sunken p-3">
      <label className="flex min-w-0 flex-1 basis-64 cursor-pointer gap-3">
        <input
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-accent"
          checked={learnFlows}
          onChange={(event) => onChange({ learnFlows: event.target.checked })}
        />
        <span>
          <span className="block font-medium text-sm">Learn flows</span>
          <span className="block text-muted text-xs">{settingMeanings.learnFlows}</span>
        </span>
      </label>
      <Reset
        name="Learn flows"
        changed={learnFlows !== usual}
        defaultText={usual ? 'on' : 'off'}
        onReset={() => onChange({ learnFlows: usual })}
      />
    </div>
  );
}

function FlowRow({ flow, place }: { flow: FlowDraft; place: Place<FlowDraft> }) {
  const path = `flows.${place.index}`;
  const fault = useFault(`${path}.steps`);
  return (
    <NamedRow path={path} what="flow" example="Checkout" name={flow.name} {...place}>
      {(name) => (
        <>
          {fault && <p className="font-medium text-critical text-xs">{fault}</p>}
          <Steps path={`${path}.steps`} flow={name} steps={flow.steps} onChange={(steps) => place.onChange({ steps })} />
        </>
      )}
    </NamedRow>
  );
}

interface StepsProps {
  path: string;
  /** The flow's name, for screen readers. */
  flow: string;
  steps: FlowDraft['steps'];
  onChange: (steps: FlowDraft['steps']) => void;
}

function Steps({ path, flow, steps, onChange }: StepsProps) {
  const focus = useRowFocus<HTMLOListElement>();
  const add = () => {
    onChange([...steps, newStep()]);
    focus.toNew();
  };
  const remove = (row: number) => {
    onChange(steps.filter(({ key }) => key !== row));
    focus.toAdd();
  };
  return (
    <>
      <ol ref={focus.list} className="mt-3 space-y-2 border-line-strong border-l-2 pl-3">
        {steps.map((step, index) => (
          <li key={step.key} className="flex flex-wrap items-start justify-end gap-x-2 gap-y-1 sm:flex-nowrap">
            <div className="flex w-full min-w-0 sm:w-auto sm:flex-1">
              <EndpointField
                label={`Step ${index + 1}`}
                path={`${path}.${index}`}
                value={step.endpoint}
                onChange={(endpoint) => onChange(steps.map((each) => (each.key === step.key ? { ...each, endpoint } : each)))}
              />
            </div>
            <OrderButtons
              name={`step ${index + 1} of ${flow}`}
              index={index}
              count={steps.length}
              onMove={(by) => onChange(moved(steps, index, by))}
              onRemove={() => remove(step.key)}
              className="sm:pt-5.5"
            />
          </li>
        ))}
      </ol>
      <Button size="sm" className="mt-3" aria-label={`Add step to ${flow}`} ref={focus.add} onClick={add}>
        <Plus aria-hidden className="size-3.5" /> Add step
      </Button>
    </>
  );
}
