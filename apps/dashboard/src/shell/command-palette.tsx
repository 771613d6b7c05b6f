/** Ctrl or Command with K: go to a page, a service or an alert, or act on what is selected. A combobox with a list below it. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Dialog as Primitive } from 'radix-ui';
import { type KeyboardEvent as ReactKeyboardEvent, useId, useState } from 'react';
import { type Command, matching, useOffered } from '../commands.js';
import { exact } from '../format.js';
import { alertsQuery, servicesQuery } from '../queries.js';
import { queryClient } from '../query-client.js';
import { cn } from '../ui/cn.js';
import { useOpener } from '../ui/dialog.js';
import { kindNames, subjectText } from '../words.js';
import { Key } from './keyboard-help.js';

export interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Pages and what else works anywhere. */
  everywhere: readonly Command[];
}

export function CommandPalette({ open, onOpenChange, everywhere }: PaletteProps) {
  const { remember, leave } = useOpener();
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Primitive.Content
          aria-describedby={undefined}
          onOpenAutoFocus={remember}
          onCloseAutoFocus={leave}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-lg animate-enter overflow-hidden rounded-xl bg-raised shadow-pop"
        >
          <Primitive.Title className="sr-only">Commands</Primitive.Title>
          <Palette everywhere={everywhere} close={() => onOpenChange(false)} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Alerts whose subject, endpoint or explanation holds what was typed; asked for from two characters on. */
function useFoundAlerts(typed: string): Command[] {
  const navigate = useNavigate();
  const text = typed.trim();
  const { data } = useQuery({
    queryKey: ['palette', text],
    queryFn: () => queryClient.fetchInfiniteQuery(alertsQuery({ text }, 6)),
    enabled: text.length >= 2,
  });
  return (data?.pages[0]?.items ?? []).map((alert) => ({
    name: `${kindNames[alert.kind]}: ${subjectText(alert.subject)}`,
    id: alert.id,
    run: () => void navigate({ to: '/alerts/$id', params: { id: alert.id } }),
  }));
}

/** Whoever is no alert is found on the page of the search. */
function useSearchFor(typed: string): Command[] {
  const navigate = useNavigate();
  const text = typed.trim();
  if (text.length < 2) return [];
  return [{ id: 'search-for', name: `Search for “${text}”`, run: () => void navigate({ to: '/search', search: { text } }) }];
}

function useFoundServices(): Command[] {
  const navigate = useNavigate();
  const services = useQuery(servicesQuery).data?.items ?? [];
  return services.map(({ id }) => ({
    name: `Service ${id}`,
    run: () => void navigate({ to: '/services/$id', params: { id } }),
  }));
}

function Palette({ everywhere, close }: { everywhere: readonly Command[]; close: () => void }) {
  const listId = useId();
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useState(0);
  const fixed = matching([...useOffered(), ...everywhere, ...useFoundServices()], typed);
  const shown = [...fixed.slice(0, 30), ...useFoundAlerts(typed), ...useSearchFor(typed)];
  const at = Math.min(place, shown.length - 1);
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const press = (event: ReactKeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by !== 0) setPlace((at + by + shown.length) % Math.max(1, shown.length));
    else if (event.key === 'Enter') run(shown[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={at >= 0 ? `${listId}-${at}` : undefined}
        aria-label="Command"
        placeholder="Go to, search, act…"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setPlace(0);
        }}
        onKeyDown={press}
        className="h-12 w-full border-b bg-raised px-4 text-base outline-none placeholder:text-faint"
      />
      <div id={listId} role="listbox" aria-label="Commands" tabIndex={-1} className="max-h-[50vh] overflow-y-auto p-1">
        {shown.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox above
          <div
            key={command.id ?? command.name}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerMove={() => setPlace(index)}
            onClick={() => run(command)}
            className={cn(
              'flex cursor-default items-center gap-3 rounded-md px-3 py-1.5 text-sm',
              index === at && 'bg-hover text-ink',
            )}
          >
            <span className="min-w-0 flex-1 truncate">{command.name}</span>
            {command.key && <Key>{command.key}</Key>}
          </div>
        ))}
      </div>
      <p role="status" className={shown.length === 0 ? 'px-4 py-6 text-center text-muted text-sm' : 'sr-only'}>
        {shown.length === 0 ? 'Nothing matches' : `${exact(shown.length)} found`}
      </p>
    </>
  );
}
