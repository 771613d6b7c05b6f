/** Asks for a backtest: the present settings with a few of them changed; every other one can be given as JSON. */
import { alertKinds, type Backtest, type Service, type SettingsPatch } from '@plimsoll/contracts';
import { type FormEvent, useState } from 'react';
import { measure } from '../format.js';
import { Button } from '../ui/button.js';
import { Field, Input, Select, Textarea } from '../ui/field.js';
import { ChoiceMenu } from '../ui/menu.js';
import { Failure } from '../ui/states.js';
import { kindNames } from '../words.js';
import { useAskBacktest } from './ask.js';

interface NewBacktestProps {
  services: readonly Service[];
  /** Which one to begin with. */
  first: string | undefined;
  onAsked: (asked: Backtest) => void;
}

const kinds = alertKinds.map((value) => ({ value, name: kindNames[value] }));
const policies = ['monitor', 'throttle', 'block'] as const;
const EMPTY = { days: '7', sensitivity: '', baseLimit: '', off: [] as string[], policy: '', json: '' };
type Draft = typeof EMPTY;

/** @throws SyntaxError where the JSON is none. */
function patchOf({ sensitivity, baseLimit, off, json }: Draft): SettingsPatch {
  const other = json.trim() === '' ? {} : (JSON.parse(json) as SettingsPatch);
  return {
    ...other,
    ...(sensitivity !== '' && { sensitivity: Number(sensitivity) }),
    ...(baseLimit !== '' && { baseLimit: Number(baseLimit) }),
    ...(off.length > 0 && { kinds: { ...other.kinds, ...Object.fromEntries(off.map((kind) => [kind, 'off'])) } }),
  };
}

function faultOf(draft: Draft): string | undefined {
  try {
    patchOf(draft);
    return undefined;
  } catch {
    return 'This is no JSON.';
  }
}

export function NewBacktest({ services, first, onAsked }: NewBacktestProps) {
  const [chosen, setChosen] = useState(first);
  const [draft, setDraft] = useState(EMPTY);
  const service = services.find(({ id }) => id === chosen) ?? services[0];
  const asking = useAskBacktest();
  const fault = faultOf(draft);
  const set = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  if (!service) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fault) return;
    const asked = policies.find((each) => each === draft.policy);
    asking.mutate(
      { service: service.id, days: Number(draft.days), settings: patchOf(draft), ...(asked && { policy: asked }) },
      { onSuccess: onAsked },
    );
  };
  return (
    <form onSubmit={submit} aria-label="New backtest" className="space-y-3 px-4 py-3">
      <div className="grid grid-cols-2 gap-3">
        <Field label="Service">
          {(ids) => (
            <Select {...ids} value={service.id} onChange={(event) => setChosen(event.target.value)}>
              {services.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Days back">
          {(ids) => (
            <Input
              {...ids}
              type="number"
              min={0.01}
              max={90}
              step="any"
              required
              value={draft.days}
              onChange={(event) => set({ days: event.target.value })}
            />
          )}
        </Field>
        <Limits draft={draft} service={service} onChange={set} />
      </div>
      <div className="grid grid-cols-2 items-end gap-3">
        <ChoiceMenu label="Switch off kinds" chosen={draft.off} choices={kinds} onChange={(off) => set({ off })} />
        <Field label="Policy">
          {(ids) => (
            <Select {...ids} value={draft.policy} onChange={(event) => set({ policy: event.target.value })}>
              <option value="">as now ({service.policy})</option>
              {policies.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Field label="Other settings, as JSON" fault={fault} hint="What is absent stays as it is.">
        {(ids) => (
          <Textarea
            {...ids}
            rows={3}
            spellCheck={false}
            className="font-mono"
            placeholder='{"alertBudget": 20}'
            value={draft.json}
            onChange={(event) => set({ json: event.target.value })}
          />
        )}
      </Field>
      {asking.isError && <Failure error={asking.error} className="py-2" />}
      <Button type="submit" look="primary" busy={asking.isPending} disabled={fault !== undefined}>
        Run backtest
      </Button>
    </form>
  );
}

interface LimitsProps {
  draft: Draft;
  service: Service;
  onChange: (part: Partial<Draft>) => void;
}

function Limits({ draft, service: { settings }, onChange: set }: LimitsProps) {
  return (
    <>
      <Field label="Sensitivity" hint={`now ${measure(settings.sensitivity)}`}>
        {(ids) => (
          <Input
            {...ids}
            type="number"
            min={0.1}
            max={100}
            step="any"
            value={draft.sensitivity}
            onChange={(event) => set({ sensitivity: event.target.value })}
          />
        )}
      </Field>
      <Field label="Base limit" hint={`now ${measure(settings.baseLimit)}`}>
        {(ids) => (
          <Input
            {...ids}
            type="number"
            min={0}
            step="any"
            value={draft.baseLimit}
            onChange={(event) => set({ baseLimit: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}
