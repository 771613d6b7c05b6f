/** Who, what, when, with which outcome, and a text. Choices hold at once; the text from Enter or Search on. */
import { useQuery } from '@tanstack/react-query';
import { Search, X } from 'lucide-react';
import { type FormEvent, type RefObject, useEffect, useState } from 'react';
import { serverNow } from '../clock.js';
import { membersQuery, servicesQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { Field, Input, Select } from '../ui/field.js';
import { type AuditSearch, deeds, isNarrowed, ranges } from './search.js';

/** The choice that ends one of time; the empty one is what holds now. */
const ANY = 'any';

interface AuditFiltersProps {
  search: AuditSearch;
  onChange: (part: Partial<AuditSearch>) => void;
  onClear: () => void;
  fieldRef: RefObject<HTMLInputElement | null>;
}

export function AuditFilters({ search, onChange, onClear, fieldRef }: AuditFiltersProps) {
  const members = useQuery(membersQuery).data?.items ?? [];
  const services = useQuery(servicesQuery).data?.items ?? [];
  const [text, setText] = useState(search.text ?? '');
  useEffect(() => setText(search.text ?? ''), [search.text]);
  const timed = search.from !== undefined || search.until !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange({ text: text.trim() || undefined });
  };
  const back = (span: string) => {
    onChange({ from: span === ANY ? undefined : serverNow() - Number(span), until: undefined });
  };
  const named = members.map(({ id, name }) => ({ value: id, name }));
  return (
    <form
      onSubmit={submit}
      aria-label="Filter the audit"
      className="mb-4 grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-3 lg:grid-cols-6"
    >
      <Choice label="Who" all="Everybody" value={search.person} choices={named} onChange={(person) => onChange({ person })} />
      <Choice label="What" all="Everything" value={search.action} choices={deeds} onChange={(action) => onChange({ action })} />
      <Choice
        label="Outcome"
        all="Done and refused"
        value={search.outcome}
        choices={[
          { value: 'allowed', name: 'Done' },
          { value: 'denied', name: 'Refused' },
        ]}
        onChange={(outcome) => onChange({ outcome: outcome as AuditSearch['outcome'] })}
      />
      <Choice
        label="Service"
        all="All"
        value={search.service}
        choices={services.map(({ id }) => ({ value: id, name: id }))}
        onChange={(service) => onChange({ service })}
      />
      <Field label="Time">
        {(ids) => (
          <Select {...ids} value="" onChange={(event) => back(event.target.value)}>
            <option value="">{timed ? 'As chosen' : 'Any time'}</option>
            {timed && <option value={ANY}>Any time</option>}
            {ranges.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Text">
        {(ids) => (
          <Input
            {...ids}
            ref={fieldRef}
            type="search"
            maxLength={200}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="col-span-full flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary">
          <Search aria-hidden className="size-3.5" /> Search
        </Button>
        {isNarrowed(search) && (
          <Button look="ghost" onClick={onClear}>
            <X aria-hidden className="size-3.5" /> Reset
          </Button>
        )}
      </div>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string | undefined;
  choices: readonly { value: string; name: string }[];
  onChange: (value: string | undefined) => void;
}

/** A value that is no choice (of a link, or of somebody who is gone) is one all the same. */
function Choice({ label, all, value, choices, onChange }: ChoiceProps) {
  const known = value === undefined || choices.some((choice) => choice.value === value);
  return (
    <Field label={label}>
      {(ids) => (
        <Select {...ids} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
          <option value="">{all}</option>
          {!known && <option value={value}>{value}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
