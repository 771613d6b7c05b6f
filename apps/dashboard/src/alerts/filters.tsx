/** Filters of the list: state, severity, kind, service, subject. Everything chosen goes into the address. */
import { alertKinds, severities } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Search, X } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { servicesQuery } from '../queries.js';
import { SeverityMark } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Input, Select } from '../ui/field.js';
import { ChoiceMenu } from '../ui/menu.js';
import { Segmented } from '../ui/segmented.js';
import { kindNames } from '../words.js';
import { type AlertSearch, chosenOf, isFiltered, stateChoices } from './search.js';

interface FiltersProps {
  search: AlertSearch;
  onChange: (change: Partial<AlertSearch>) => void;
  onClear: () => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

const kinds = alertKinds.map((value) => ({ value, name: kindNames[value] }));
const levels = [...severities].reverse().map((value) => ({ value, name: <SeverityMark severity={value} withName /> }));
const joined = (names: readonly string[]) => names.join(',') || undefined;

export function Filters({ search, onChange, onClear, searchRef }: FiltersProps) {
  const services = useQuery(servicesQuery).data?.items ?? [];
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <div className="max-w-full overflow-x-auto">
        <Segmented
          label="State"
          value={search.state ?? 'unresolved'}
          choices={stateChoices}
          onChange={(state) => onChange({ state: state === 'unresolved' ? undefined : state })}
        />
      </div>
      <ChoiceMenu
        label="Severity"
        chosen={chosenOf(severities, search.severity)}
        choices={levels}
        onChange={(chosen) => onChange({ severity: joined(chosen) })}
      />
      <ChoiceMenu
        label="Kind"
        chosen={chosenOf(alertKinds, search.kind)}
        choices={kinds}
        onChange={(chosen) => onChange({ kind: joined(chosen) })}
      />
      {(services.length > 1 || search.service) && (
        <Select
          aria-label="Service"
          className="w-40"
          value={search.service ?? ''}
          onChange={(event) => onChange({ service: event.target.value || undefined })}
        >
          <option value="">All services</option>
          {services.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </Select>
      )}
      <SubjectSearch
        subject={search.subject ?? ''}
        onChange={(subject) => onChange({ subject: subject || undefined })}
        searchRef={searchRef}
      />
      {isFiltered(search) && (
        <Button look="ghost" onClick={onClear}>
          <X aria-hidden className="size-3.5" /> Reset
        </Button>
      )}
    </div>
  );
}

const TYPING_MS = 250;

interface SubjectSearchProps {
  subject: string;
  onChange: (subject: string) => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

/** Asks the server when the typing pauses, not at every key. */
function SubjectSearch({ subject, onChange, searchRef }: SubjectSearchProps) {
  const [draft, setDraft] = useState(subject);
  useEffect(() => setDraft(subject), [subject]);
  useEffect(() => {
    if (draft.trim() === subject) return;
    const timer = setTimeout(() => onChange(draft.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [draft, subject, onChange]);
  return (
    <div className="relative min-w-44 flex-1 sm:max-w-64">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <Input
        ref={searchRef}
        type="search"
        aria-label="Subject"
        placeholder="User, address…"
        className="pl-8"
        maxLength={768}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
    </div>
  );
}
