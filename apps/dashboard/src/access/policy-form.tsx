/** A policy as fields, for who does not write Cedar; what it says is shown below as its text. */
import { accessActionNames } from '@plimsoll/contracts';
import type { ReactNode } from 'react';
import { roles } from '../members/roles.js';
import { Field, Input, Select } from '../ui/field.js';
import { ChoiceMenu } from '../ui/menu.js';
import { Segmented } from '../ui/segmented.js';
import { type FormPolicy, groups, textOf } from './form-policy.js';

const effects = [
  { value: 'permit', name: 'Permit' },
  { value: 'forbid', name: 'Forbid' },
] as const;
const whos: Record<FormPolicy['who'], string> = { anybody: 'Anybody', role: 'A role', group: 'A group' };
const groupNames: Record<(typeof groups)[number], string> = {
  read: 'To see anything',
  operate: 'The daily work with alerts and decisions',
  manage: 'To change how Plimsoll works',
  change: 'Every change',
  oversee: 'To see what people are and did',
  dangerous: 'Everything that asks for a proof of presence',
};
const whats: readonly { value: FormPolicy['what']; name: string }[] = [
  { value: 'named', name: 'Single actions' },
  ...groups.map((value) => ({ value, name: groupNames[value] })),
  { value: 'all', name: 'Everything' },
];
const wheres: Record<FormPolicy['where'], string> = {
  everywhere: 'Everywhere',
  service: 'In one service',
  environment: 'In an environment',
  team: 'Of a team',
};
const actions = accessActionNames.map((value) => ({ value, name: <span className="font-mono text-xs">{value}</span> }));

interface PolicyFormProps {
  policy: FormPolicy;
  onChange: (policy: FormPolicy) => void;
}

export function PolicyForm({ policy, onChange }: PolicyFormProps) {
  const change = (part: Partial<FormPolicy>) => onChange({ ...policy, ...part });
  const { effect, what, notOwners } = policy;
  return (
    <div className="space-y-3">
      <Segmented label="Effect" value={effect} choices={effects} onChange={(next) => change({ effect: next })} />
      <WhoFields policy={policy} change={change} />
      <Pair>
        <Field label="What">
          {(ids) => (
            <Select
              {...ids}
              value={what}
              onChange={(event) => change({ what: whats.find(({ value }) => value === event.target.value)?.value ?? what })}
            >
              {whats.map(({ value, name }) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {what === 'named' && (
          <div className="self-end">
            <ChoiceMenu
              label="Actions"
              chosen={policy.actions}
              choices={actions}
              onChange={(next) => change({ actions: next })}
            />
            <p className="mt-1 break-words font-mono text-faint text-xs">{policy.actions.join(', ')}</p>
          </div>
        )}
      </Pair>
      <WhereFields policy={policy} change={change} />
      <Pair>
        <NumberField
          label="Only from a risk of"
          hint="Of the person, 0 to 100. Empty: of anybody."
          value={policy.risk}
          onChange={(risk) => change({ risk })}
        />
        <NumberField
          label="Only beyond so many whom it hits"
          hint="Users, addresses and credentials within ten minutes. Empty: any."
          value={policy.subjects}
          onChange={(subjects) => change({ subjects })}
        />
      </Pair>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={notOwners}
          onChange={(event) => change({ notOwners: event.target.checked })}
        />
        Not for owners
      </label>
      <div>
        <p className="mb-1 font-medium text-muted text-xs">In Cedar</p>
        <pre className="whitespace-pre-wrap break-words rounded-md bg-sunken px-3 py-2 font-mono text-xs">{textOf(policy)}</pre>
      </div>
    </div>
  );
}

const Pair = ({ children }: { children: ReactNode }) => <div className="grid gap-3 sm:grid-cols-2">{children}</div>;

interface PartProps {
  policy: FormPolicy;
  change: (part: Partial<FormPolicy>) => void;
}

function WhoFields({ policy: { who, whoName }, change }: PartProps) {
  return (
    <Pair>
      <NamedChoice label="Who" value={who} names={whos} onChange={(next) => change({ who: next, whoName: '' })} />
      {who === 'role' && (
        <Field label="Role">
          {(ids) => (
            <Select {...ids} value={whoName} onChange={(event) => change({ whoName: event.target.value })}>
              <option value="">choose</option>
              {roles.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {who === 'group' && <NameField label="Group" value={whoName} onChange={(next) => change({ whoName: next })} />}
    </Pair>
  );
}

function WhereFields({ policy: { where, whereName }, change }: PartProps) {
  const label = { everywhere: '', service: 'Service', environment: 'Environment', team: 'Team' }[where];
  return (
    <Pair>
      <NamedChoice label="Where" value={where} names={wheres} onChange={(next) => change({ where: next, whereName: '' })} />
      {where !== 'everywhere' && <NameField label={label} value={whereName} onChange={(next) => change({ whereName: next })} />}
    </Pair>
  );
}

interface NamedChoiceProps<T extends string> {
  label: string;
  value: T;
  names: Record<T, string>;
  onChange: (value: T) => void;
}

function NamedChoice<T extends string>({ label, value, names, onChange }: NamedChoiceProps<T>) {
  const values = Object.keys(names) as T[];
  return (
    <Field label={label}>
      {(ids) => (
        <Select
          {...ids}
          value={value}
          onChange={(event) => onChange(values.find((each) => each === event.target.value) ?? value)}
        >
          {values.map((each) => (
            <option key={each} value={each}>
              {names[each]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface TextFieldProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
}

const NameField = ({ label, value, onChange }: TextFieldProps) => (
  <Field label={label}>
    {(ids) => <Input {...ids} maxLength={80} value={value} onChange={(event) => onChange(event.target.value)} />}
  </Field>
);

const NumberField = ({ label, hint, value, onChange }: TextFieldProps) => (
  <Field label={label} hint={hint}>
    {(ids) => <Input {...ids} type="number" min={0} step={1} value={value} onChange={(event) => onChange(event.target.value)} />}
  </Field>
);
