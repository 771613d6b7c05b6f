/** One request of an alert in full, and the ways on into the history: its user, address or endpoint at that time. */
import type { AlertRequest } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { bytes, milliseconds, moment } from '../format.js';
import { around, type InvestigateSearch } from '../investigate/search.js';
import { useZone } from '../reader.js';
import { buttonClass } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Facts } from '../ui/facts.js';

interface RequestDetailProps {
  request: AlertRequest;
  service: string;
  onClose: () => void;
}

export function RequestDetail({ request, service, onClose }: RequestDetailProps) {
  useZone();
  const { actor, ip, endpoint, ts } = request;
  const facts: [name: string, value: string][] = [
    ['Request', `${request.method} ${request.path}`],
    ['Status', String(request.status)],
    ['Endpoint', endpoint],
    ['User', actor ?? '–'],
    ['Address', ip],
    ['Took', milliseconds(request.durationMs)],
    ['Sent', bytes(request.bytesOut)],
    ['Answer of the bouncer', request.verdict],
    ['User agent', request.userAgent || '–'],
    ['Id', request.id],
  ];
  const ways: [name: string, search: InvestigateSearch][] = [
    ...(actor === null ? [] : [['Around it, of this user', { actor }] as [string, InvestigateSearch]]),
    ['Around it, of this address', { address: ip }],
    ['Around it, on this endpoint', { endpoint }],
  ];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Request" description={moment(ts)}>
      <div className="space-y-4 px-5 pt-3 pb-5">
        <Facts facts={facts} />
        <p className="flex flex-wrap gap-2">
          {ways.map(([name, search]) => (
            <Link
              key={name}
              to="/investigate"
              search={{ service, ...search, ...around(ts) }}
              className={buttonClass({ size: 'sm' })}
            >
              {name}
            </Link>
          ))}
        </p>
      </div>
    </Dialog>
  );
}
