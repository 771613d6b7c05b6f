/** Filters of the list: state, severity, kind, service, whose it is, time, campaigns, text. Everything chosen goes into the address. */
import { alertKinds, severities } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Search, SlidersHorizontal, X } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { serverNow } from '../clock.js';
import { moment } from '../format.js';
import { assigneesQuery, servicesQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { SeverityMark } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Input, Select } from '../ui/field.js';
import { ChoiceMenu } from '../ui/menu.js';
import { Segmented } from '../ui/segmented.js';
import { kindNames } from '../words.js';
import { type AlertSearch, chosenOf, isFiltered, stateChoices } from './search.js';
import { Views } from './views.js';

interface FiltersProps {
  search: AlertSearch;
  onChange: (change: Partial<AlertSearch>) => void;
  onClear: () => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

const kinds = alertKinds.map((value) => ({ value, name: kindNames[value] }));
const levels = [...severities].reverse().map((value) => ({ value, name: <SeverityMark severity={value} withName /> }));
const joined = (names: readonly string[]) => names.join(',') || undefined;

/** A choice among whose they are; no id has this sign. */
const MENTIONED = '@me';

const HOUR_MS = 3_600_000;
/** From hours back to a time, so that the address means the same tomorrow. */
const sinceOf = (hours: string): number | undefined => (Number(hours) > 0 ? serverNow() - Number(hours) * HOUR_MS : undefined);

export function Filters({ search, onChange, onClear, searchRef }: FiltersProps) {
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
      <MoreFilters search={search} onChange={onChange} />
      <Views search={search} />
      <TextSearch text={search.text ?? ''} onChange={(text) => onChange({ text: text || undefined })} searchRef={searchRef} />
      {search.campaign && (
        <Button title="Show alerts of all campaigns" onClick={() => onChange({ campaign: undefined })}>
          <X aria-hidden className="size-3.5" /> Of one campaign
        </Button>
      )}
      {isFiltered(search) && (
        <Button look="ghost" onClick={onClear}>
          <X aria-hidden className="size-3.5" /> Reset
        </Button>
      )}
    </div>
  );
}

/** On a phone they are behind a button: what was found is what the screen is for. */
function MoreFilters({ search, onChange }: Pick<FiltersProps, 'search' | 'onChange'>) {
  useZone();
  const services = useQuery(servicesQuery).data?.items ?? [];
  const people = useQuery(assigneesQuery).data?.items ?? [];
  const [shown, setShown] = useState(false);
  const { severity, kind, service, assignee, mentioned, since, group } = search;
  const chosen = [severity, kind, service, assignee, mentioned, since, group].filter((each) => each !== undefined).length;
  return (
    <>
      <Button className="sm:hidden" aria-expanded={shown} onClick={() => setShown(!shown)}>
        <SlidersHorizontal aria-hidden className="size-3.5" /> Filters
        {chosen > 0 && <span className="rounded-sm bg-accent/14 px-1 text-xs">{chosen}</span>}
      </Button>
      <div className={cn('contents', !shown && 'max-sm:hidden')}>
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
        <Select
          aria-label="Assignee"
          className="w-36"
          value={search.mentioned ? MENTIONED : (search.assignee ?? '')}
          onChange={({ target: { value } }) => {
            const mentioned = value === MENTIONED || undefined;
            onChange({ mentioned, assignee: mentioned ? undefined : value || undefined });
          }}
        >
          <option value="">Anybody’s</option>
          <option value="me">Mine</option>
          <option value="none">Nobody’s</option>
          <option value={MENTIONED}>Mentions me</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Time"
          className="w-36"
          value={search.since === undefined ? '' : 'chosen'}
          onChange={(event) => onChange({ since: sinceOf(event.target.value), before: undefined })}
        >
          <option value="">Any time</option>
          {search.since !== undefined && <option value="chosen">Since {moment(search.since)}</option>}
          <option value="1">Last hour</option>
          <option value="24">Last day</option>
          <option value="168">Last week</option>
        </Select>
        <Button
          aria-pressed={search.group === 'campaign'}
          className="aria-pressed:border-accent/50 aria-pressed:bg-accent/8 aria-pressed:text-accent"
          onClick={() => onChange({ group: search.group ? undefined : 'campaign' })}
        >
          By campaign
        </Button>
      </div>
    </>
  );
}

const TYPING_MS = 250;

interface TextSearchProps {
  text: string;
  onChange: (text: string) => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

/** Asks the server when the typing pauses, not at every key. */
function TextSearch({ text, onChange, searchRef }: TextSearchProps) {
  const [draft, setDraft] = useState(text);
  useEffect(() => setDraft(text), [text]);
  useEffect(() => {
    if (draft.trim() === text) return;
    const timer = setTimeout(() => onChange(draft.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [draft, text, onChange]);
  return (
    <div className="relative min-w-36 flex-1 sm:max-w-64">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <Input
        ref={searchRef}
        type="search"
        aria-label="Search alerts"
        placeholder="User, address, endpoint…"
        className="pl-8"
        maxLength={200}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
    </div>
  );
}
