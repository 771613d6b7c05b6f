/** What is searched for. The fields are a draft until Enter or Search; choices hold at once. */
import { verdictNames } from '@plimsoll/contracts';
import { Search, X } from 'lucide-react';
import { type FormEvent, type RefObject, useEffect, useState } from 'react';
import { serverNow } from '../clock.js';
import type { HistoryFilters } from '../queries.js';
import { Button } from '../ui/button.js';
import { Field, Input, Select } from '../ui/field.js';
import { ChoiceMenu } from '../ui/menu.js';
import { CopyLink } from './copy-link.js';
import { type InvestigateSearch, isNarrowed, ranges } from './search.js';

interface SearchFormProps {
  search: InvestigateSearch;
  /** What the server is asked: the search with the times that hold where it names none. */
  filter: HistoryFilters;
  service: string;
  services: readonly string[];
  onChange: (part: Partial<InvestigateSearch>) => void;
  onClear: () => void;
  fieldRef: RefObject<HTMLInputElement | null>;
}

const texts = [
  { name: 'actor', label: 'User' },
  { name: 'address', label: 'Address' },
  { name: 'credential', label: 'Credential' },
  { name: 'endpoint', label: 'Endpoint', placeholder: 'GET /orders/:id' },
  { name: 'path', label: 'Text in the path' },
  { name: 'status', label: 'Status', placeholder: '404,5xx' },
] as const;
type Draft = Record<(typeof texts)[number]['name'], string>;

const draftOf = (search: InvestigateSearch): Draft =>
  Object.fromEntries(texts.map(({ name }) => [name, search[name] ?? ''])) as Draft;
const verdicts = verdictNames.map((value) => ({ value, name: value }));

export function SearchForm({ search, filter, service, services, onChange, onClear, fieldRef }: SearchFormProps) {
  const [draft, setDraft] = useState(() => draftOf(search));
  useEffect(() => setDraft(draftOf(search)), [search]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(Object.fromEntries(texts.map(({ name }) => [name, draft[name].trim() || undefined])));
  };
  const back = (text: string) => {
    const to = serverNow();
    onChange(text === '' ? { from: undefined, to: undefined } : { from: to - Number(text), to });
  };
  const chosen = verdicts.filter(({ value }) => search.verdict?.split(',').includes(value)).map(({ value }) => value);
  return (
    <form
      onSubmit={submit}
      aria-label="Search requests"
      className="mb-4 grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-4 lg:grid-cols-8"
    >
      <Field label="Service">
        {(ids) => (
          <Select {...ids} value={service} onChange={(event) => onChange({ service: event.target.value })}>
            {[...new Set([service, ...services])].map((id) => (
              <option key={id}>{id}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Time">
        {(ids) => (
          <Select {...ids} value="" onChange={(event) => back(event.target.value)}>
            <option value="">{search.from === undefined ? 'Last 24 h' : 'As in the chart'}</option>
            {ranges.map(({ value, name }) => (
              <option key={value} value={value}>
                Last {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {texts.map(({ name, label, ...rest }, index) => (
        <Field key={name} label={label}>
          {(ids) => (
            <Input
              {...ids}
              {...rest}
              {...(index === 0 && { ref: fieldRef })}
              maxLength={768}
              value={draft[name]}
              onChange={(event) => setDraft((old) => ({ ...old, [name]: event.target.value }))}
            />
          )}
        </Field>
      ))}
      <div className="col-span-full flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary">
          <Search aria-hidden className="size-3.5" /> Search
        </Button>
        <ChoiceMenu
          label="Verdict"
          chosen={chosen}
          choices={verdicts}
          onChange={(some) => onChange({ verdict: some.join(',') || undefined })}
        />
        {isNarrowed(search) && (
          <Button look="ghost" onClick={onClear}>
            <X aria-hidden className="size-3.5" /> Reset
          </Button>
        )}
        <div className="ml-auto">
          <CopyLink filter={filter} />
        </div>
      </div>
    </form>
  );
}
