/** The ladder: rules in their order, each with what it matches and the steps that follow one another. */
import { alertKinds, DEFAULT_LADDER, type Severity, type StepAction, severities, stepActions } from '@plimsoll/contracts';
import { Plus, Trash2 } from 'lucide-react';
import { Button } from '../ui/button.js';
import { Field, Input, Select } from '../ui/field.js';
import { actionNames, kindNames, severityNames } from '../words.js';
import type { Draft } from './draft.js';
import { EndpointField } from './endpoint-field.js';
import { useFault } from './faults-context.js';
import {
  type LadderRuleDraft,
  type LadderStepDraft,
  ladderDraft,
  ladderOf,
  newRule,
  nextStepDraft,
  ruleText,
  units,
} from './ladder-draft.js';
import { OrderButtons } from './order-buttons.js';
import { OrderedRows, type Place } from './ordered-rows.js';
import { Reset } from './reset.js';
import { Section } from './section.js';

interface LadderSectionProps {
  ladder: Draft['ladder'];
  onChange: (part: Partial<Draft>) => void;
}

export function LadderSection({ ladder, onChange }: LadderSectionProps) {
  const changed = JSON.stringify(ladderOf(ladder)) !== JSON.stringify(DEFAULT_LADDER);
  return (
    <Section
      name="ladder"
      actions={
        <Reset
          name="Ladder"
          changed={changed}
          defaultText="three rules by severity"
          onReset={() => onChange({ ladder: ladderDraft(DEFAULT_LADDER) })}
        />
      }
    >
      <OrderedRows rows={ladder} what="rule" newRow={newRule} onChange={(next) => onChange({ ladder: next })}>
        {(rule, place) => <RuleRow key={rule.key} rule={rule} place={place} />}
      </OrderedRows>
    </Section>
  );
}

function RuleRow({ rule, place }: { rule: LadderRuleDraft; place: Place<LadderRuleDraft> }) {
  const path = `ladder.${place.index}`;
  const name = `rule ${place.index + 1}`;
  const fault = useFault(path);
  const stepsFault = useFault(`${path}.steps`);
  return (
    <li className="rounded-md border p-3">
      <fieldset className="min-w-0 space-y-3" aria-label={name}>
        <div className="flex items-center justify-between gap-2">
          <p className="min-w-0 break-words font-medium text-sm first-letter:uppercase">
            {ruleText(rule, (kind) => kindNames[kind].toLowerCase())}
          </p>
          <OrderButtons name={name} index={place.index} count={place.count} onMove={place.onMove} onRemove={place.onRemove} />
        </div>
        {fault && <p className="font-medium text-critical text-xs">{fault}</p>}
        <Matches rule={rule} path={path} onChange={place.onChange} />
        {stepsFault && <p className="font-medium text-critical text-xs">{stepsFault}</p>}
        <Steps path={`${path}.steps`} rule={name} steps={rule.steps} onChange={(steps) => place.onChange({ steps })} />
      </fieldset>
    </li>
  );
}

interface MatchesProps {
  rule: LadderRuleDraft;
  path: string;
  onChange: (part: Partial<LadderRuleDraft>) => void;
}

function Matches({ rule, path, onChange }: MatchesProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
      <EndpointField
        label="Endpoint (empty: any)"
        path={`${path}.endpoint`}
        value={rule.endpoint}
        onChange={(endpoint) => onChange({ endpoint })}
      />
      <Field label="Kind" fault={useFault(`${path}.kind`)}>
        {(ids) => (
          <Select
            {...ids}
            value={rule.kind}
            onChange={({ target }) => onChange({ kind: alertKinds.find((kind) => kind === target.value) ?? '' })}
          >
            <option value="">Any</option>
            {alertKinds.map((kind) => (
              <option key={kind} value={kind}>
                {kindNames[kind]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Severity" fault={useFault(`${path}.severity`)}>
        {(ids) => (
          <Select
            {...ids}
            value={rule.severity}
            onChange={({ target }) => onChange({ severity: severities.find((each) => each === target.value) ?? '' })}
          >
            <option value="">Any</option>
            {severities.map((severity) => (
              <option key={severity} value={severity}>
                {severityText(severity)}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}

const severityText = (severity: Severity): string =>
  severity === 'critical' ? severityNames[severity] : `${severityNames[severity]} and above`;

interface StepsProps {
  path: string;
  /** The rule's name, for screen readers. */
  rule: string;
  steps: LadderStepDraft[];
  onChange: (steps: LadderStepDraft[]) => void;
}

function Steps({ path, rule, steps, onChange }: StepsProps) {
  const change = (key: number, part: Partial<LadderStepDraft>) =>
    onChange(steps.map((each) => (each.key === key ? { ...each, ...part } : each)));
  return (
    <>
      <ol className="space-y-2 border-line-strong border-l-2 pl-3">
        {steps.map((step, index) => (
          <StepRow
            key={step.key}
            path={`${path}.${index}`}
            name={`step ${index + 1} of ${rule}`}
            title={index === 0 ? 'First' : 'Then'}
            step={step}
            onChange={(part) => change(step.key, part)}
            onRemove={() => onChange(steps.filter(({ key }) => key !== step.key))}
          />
        ))}
      </ol>
      <Button size="sm" aria-label={`Add step to ${rule}`} onClick={() => onChange([...steps, nextStepDraft(steps)])}>
        <Plus aria-hidden className="size-3.5" /> Add step
      </Button>
    </>
  );
}

interface StepRowProps {
  path: string;
  name: string;
  title: string;
  step: LadderStepDraft;
  onChange: (part: Partial<LadderStepDraft>) => void;
  onRemove: () => void;
}

function StepRow({ path, name, title, step, onChange, onRemove }: StepRowProps) {
  const whole = useFault(path);
  const seconds = useFault(`${path}.seconds`);
  const action = (value: string): StepAction => stepActions.find((each) => each === value) ?? step.action;
  return (
    <li>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <span className="w-10 shrink-0 text-muted text-xs">{title}</span>
        <Select
          aria-label={`Action of ${name}`}
          className="w-28"
          value={step.action}
          onChange={({ target }) => onChange({ action: action(target.value) })}
        >
          {stepActions.map((each) => (
            <option key={each} value={each}>
              {actionNames[each]}
            </option>
          ))}
        </Select>
        <span className="text-muted text-xs">for</span>
        <Input
          aria-label={`Length of ${name}`}
          aria-invalid={whole || seconds ? true : undefined}
          className="w-16"
          inputMode="numeric"
          autoComplete="off"
          value={step.amount}
          onChange={({ target }) => onChange({ amount: target.value })}
        />
        <Select
          aria-label={`Unit of ${name}`}
          className="w-28"
          value={step.unit}
          onChange={({ target }) => onChange({ unit: Number(target.value) })}
        >
          {units.map((unit) => (
            <option key={unit.seconds} value={unit.seconds}>
              {unit.name}
            </option>
          ))}
        </Select>
        <Button look="ghost" size="icon" aria-label={`Remove ${name}`} onClick={onRemove}>
          <Trash2 aria-hidden />
        </Button>
      </div>
      {(whole ?? seconds) && <p className="mt-1 font-medium text-critical text-xs">{whole ?? `${seconds} (in seconds)`}</p>}
    </li>
  );
}
