/** Who took part in a campaign: actors and addresses, as many as were kept, with the true count beside them. */
import type { AlertDetail, Parties, Subject } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { exact } from '../format.js';
import { Button } from '../ui/button.js';
import { CopyButton } from '../ui/copy.js';
import { Panel } from '../ui/panel.js';

/** Shown before somebody asks for all. */
const SHOWN = 8;

/** A list that says no more than the alert's own subject is left out. */
export const worthShowing = ({ items, total }: Parties, subject: Subject): boolean =>
  total > 1 || (items.length === 1 && items[0] !== subject.id);

export function AlertParties({ detail: { alert, actors, addresses } }: { detail: AlertDetail }) {
  return (
    <>
      {worthShowing(actors, alert.subject) && <PartyList name="Users" service={alert.service} parties={actors} />}
      {worthShowing(addresses, alert.subject) && <PartyList name="Addresses" service={alert.service} parties={addresses} />}
    </>
  );
}

function PartyList({ name, service, parties: { items, total } }: { name: string; service: string; parties: Parties }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, SHOWN);
  return (
    <Panel
      title={name}
      actions={
        <>
          <span className="text-faint text-xs">{exact(total)}</span>
          <CopyButton text={items.join('\n')} label={`Copy ${name.toLowerCase()}`} className="-mr-2" />
        </>
      }
    >
      <ul className="max-h-72 overflow-y-auto py-1" aria-label={name}>
        {shown.map((id) => (
          <li key={id} className="px-4 py-1">
            <Link
              to="/alerts"
              search={{ service, subject: id, state: 'all' }}
              title={id}
              className="block truncate rounded-sm font-mono text-xs hover:text-accent hover:underline"
            >
              {id}
            </Link>
          </li>
        ))}
      </ul>
      {(items.length > shown.length || total > items.length) && (
        <div className="flex items-center gap-2 border-t px-2 py-1.5">
          {items.length > shown.length && (
            <Button look="ghost" size="sm" onClick={() => setAll(true)}>
              Show {exact(items.length - shown.length)} more
            </Button>
          )}
          {total > items.length && (
            <span className="px-2 text-faint text-xs">The first {exact(items.length)} are kept by name.</span>
          )}
        </div>
      )}
    </Panel>
  );
}
