/** Business flows: ordered steps, each needing the one before it; and whether flows are learnt as well. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { Plus } from 'lucide-react';
import { Button } from '../ui/button.js';
import { Field, Input } from '../ui/field.js';
import { type Draft, type FlowDraft, newFlow, newStep } from './draft.js';
import { EndpointField } from './endpoint-field.js';
import { useFault } from './faults-context.js';
import { moved, OrderButtons } from './order-buttons.js';
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
  const focus = useRowFocus<HTMLOListElement>();
  const add = () => {
    set([...flows, newFlow()]);
    focus.toNew();
  };
  const remove = (row: FlowDraft) => {
    set(flows.filter(({ key }) => key !== row.key));
    focus.toAdd();
  };
  return (
    <Section name="flows" actions={<Reset name="Flows" changed={flows.length > 0} defaultText="none" onReset={() => set([])} />}>
      <LearnFlows learnFlows={learnFlows} onChange={onChange} />
      {flows.length > 0 && (
        <ol ref={focus.list} className="mb-3 space-y-3">
          {flows.map((flow, index) => (
            <FlowRow
              key={flow.key}
              flow={flow}
              index={index}
              count={flows.length}
              onChange={(part) => set(flows.map((each) => (each.key === flow.key ? { ...each, ...part } : each)))}
              onMove={(by) => set(moved(flows, index, by))}
              onRemove={() => remove(flow)}
            />
          ))}
        </ol>
      )}
      <Button ref={focus.add} onClick={add}>
        <Plus aria-hidden className="size-4" /> Add flow
      </Button>
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

interface FlowRowProps {
  flow: FlowDraft;
  index: number;
  count: number;
  onChange: (part: Partial<FlowDraft>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function FlowRow({ flow, index, count, onChange, onMove, onRemove }: FlowRowProps) {
  const path = `flows.${index}`;
  const name = flow.name.trim() || `flow ${index + 1}`;
  const faults = [useFault(path), useFault(`${path}.steps`)].filter(Boolean);
  return (
    <li className="rounded-md border p-3">
      <fieldset className="min-w-0" aria-label={name}>
        <div className="flex items-start gap-2">
          <Field label="Name" fault={useFault(`${path}.name`)} className="min-w-0 flex-1">
            {(ids) => (
              <Input
                {...ids}
                maxLength={60}
                autoComplete="off"
                placeholder="Checkout"
                value={flow.name}
                onChange={(event) => onChange({ name: event.target.value })}
              />
            )}
          </Field>
          <OrderButtons name={name} index={index} count={count} onMove={onMove} onRemove={onRemove} className="pt-5.5" />
        </div>
        {faults.length > 0 && <p className="mt-2 font-medium text-critical text-xs">{faults.join('; ')}</p>}
        <Steps path={`${path}.steps`} flow={name} steps={flow.steps} onChange={(steps) => onChange({ steps })} />
      </fieldset>
    </li>
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
