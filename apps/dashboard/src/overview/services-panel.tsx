/** The protected services with their pulse. */
import type { Overview } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { Server } from 'lucide-react';
import { Sparkline } from '../charts/sparkline.js';
import { count } from '../format.js';
import { isProtected } from '../services/own.js';
import { Badge } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Empty } from '../ui/states.js';
import { useLiveSeconds } from './use-live.js';

/** More are on the page of services; the busiest stand here. */
const SHOWN = 8;

export function ServicesPanel({ services }: { services: Overview['services'] }) {
  const busiest = [...services].sort((a, b) => b.requestsLastMinute - a.requestsLastMinute).slice(0, SHOWN);
  return (
    <Panel title="Services">
      {!services.some(isProtected) && (
        <Empty icon={Server} title="No service yet">
          <Link to="/start" className="font-medium text-accent hover:underline">
            Protect the first one
          </Link>
          : a name, three lines, one request.
        </Empty>
      )}
      {busiest.length > 0 && (
        <ul>
          {busiest.map((service) => (
            <Row key={service.id} service={service} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ service }: { service: Overview['services'][number] }) {
  const seconds = useLiveSeconds(60, service.id);
  return (
    <li className="relative flex items-center gap-4 border-b px-4 py-2.5 last:border-b-0 hover:bg-hover/60">
      <div className="min-w-0 flex-1">
        <Link
          to="/services/$id"
          params={{ id: service.id }}
          className="block truncate font-medium text-sm after:absolute after:inset-0"
        >
          {service.id}
        </Link>
        <p className="text-faint text-xs">{count(service.requestsLastMinute)} requests in the last minute</p>
      </div>
      <Sparkline values={seconds.map(({ requests }) => requests)} className="hidden h-7 w-24 sm:block" />
      {service.openAlerts > 0 ? (
        <Badge className="bg-critical/10 text-critical">{count(service.openAlerts)} open</Badge>
      ) : (
        <Badge>calm</Badge>
      )}
    </li>
  );
}
