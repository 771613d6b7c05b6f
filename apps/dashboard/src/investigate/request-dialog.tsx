/** One request in full, those just before and after it, and the ways on: its user, address, credential or endpoint. */
import type { HistoryRequest } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { bytes, clockTime, milliseconds, moment } from '../format.js';
import { neighboursQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Dialog } from '../ui/dialog.js';
import { Facts } from '../ui/facts.js';
import { statusLook } from '../ui/request-look.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { around, type InvestigateSearch } from './search.js';

interface RequestDialogProps {
  service: string;
  request: HistoryRequest | undefined;
  onClose: () => void;
  onSearch: (part: Partial<InvestigateSearch>) => void;
}

export function RequestDialog({ service, request, onClose, onSearch }: RequestDialogProps) {
  useZone();
  const search = (part: Partial<InvestigateSearch>) => {
    onClose();
    onSearch(part);
  };
  return (
    <Dialog
      open={request !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={request ? `${request.method} ${request.path}`.slice(0, 120) : 'Request'}
      description={request && moment(request.ts)}
    >
      {request && (
        <div className="space-y-4 px-5 pt-3 pb-5">
          <Facts facts={factsOf(request)} />
          <div className="flex flex-wrap gap-2">
            {request.actor !== null && (
              <Button size="sm" onClick={() => search({ actor: request.actor ?? undefined })}>
                Only this user
              </Button>
            )}
            <Button size="sm" onClick={() => search({ address: request.ip })}>
              Only this address
            </Button>
            <Button size="sm" onClick={() => search({ endpoint: request.endpoint })}>
              Only this endpoint
            </Button>
            <Button size="sm" onClick={() => search(around(request.ts))}>
              Five minutes around
            </Button>
          </div>
          <Neighbours service={service} request={request} />
        </div>
      )}
    </Dialog>
  );
}

const factsOf = (request: HistoryRequest): [name: string, value: string][] => [
  ['Status', String(request.status)],
  ['Endpoint', request.endpoint],
  ['User', request.actor === null ? '–' : `${request.actor}${request.authenticated ? '' : ' (only claimed)'}`],
  ['Address', request.ip],
  ['Credential', request.credential ?? '–'],
  ['Took', milliseconds(request.durationMs)],
  ['Sent', bytes(request.bytesOut)],
  ['Received', bytes(request.bytesIn)],
  ['Answer of the bouncer', request.verdict],
  ['User agent', request.userAgent || '–'],
  ['Trace', request.traceId ?? '–'],
  ['Id', request.id],
];

function Neighbours({ service, request }: { service: string; request: HistoryRequest }) {
  useZone();
  const of = request.actor === null ? 'address' : 'actor';
  const query = useQuery(neighboursQuery(service, request, of));
  return (
    <section aria-label="Before and after">
      <h3 className="mb-1 font-medium text-muted text-xs">Before and after, of the same {of === 'actor' ? 'user' : 'address'}</h3>
      {query.isPending ? (
        <SkeletonRows rows={3} className="p-0" />
      ) : query.isError ? (
        <Failure error={query.error} className="py-2" />
      ) : (
        <ol className="space-y-0.5 text-xs">
          {query.data.items.map((each) => (
            <li
              key={each.id}
              aria-current={each.id === request.id ? 'true' : undefined}
              className={cn('flex gap-2 rounded-sm px-1 py-0.5', each.id === request.id && 'bg-accent/10')}
            >
              <span className="text-muted">{clockTime(each.ts)}</span>
              <span className={cn('font-medium', statusLook(each.status))}>{each.status}</span>
              <span className="min-w-0 truncate font-mono">
                {each.method} {each.path}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
