/** One protected API: its traffic, endpoints, policy and keys. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ServerOff } from 'lucide-react';
import { useCallback } from 'react';
import { useSession } from '../live-wiring.js';
import { TrafficPanel } from '../overview/traffic-panel.js';
import { servicesQuery } from '../queries.js';
import { buttonClass } from '../ui/button.js';
import { Page } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { EndpointsPanel } from './endpoints-panel.js';
import { InstancesPanel } from './instances-panel.js';
import { KeysPanel } from './keys-panel.js';
import { PolicyPanel } from './policy-panel.js';
import { Snippet } from './snippet.js';

const route = getRouteApi('/signed-in/services/$id');

export function ServicePage() {
  const { id } = route.useParams();
  const { endpoint } = route.useSearch();
  const navigate = route.useNavigate();
  const session = useSession();
  const query = useQuery(servicesQuery);
  const service = query.data?.items.find((each) => each.id === id);
  const choose = useCallback(
    (next: string | undefined) => void navigate({ search: next ? { endpoint: next } : {}, replace: true, resetScroll: false }),
    [navigate],
  );
  const owner = session.status === 'signed-in' && session.person.role === 'owner';
  return (
    <Page
      title={id}
      lead={service ? `${service.environment} · team ${service.team}` : undefined}
      actions={
        <>
          <Link to="/services/$id/settings" params={{ id }} className={buttonClass()}>
            Settings
          </Link>
          <Link to="/alerts" search={{ service: id }} className={buttonClass()}>
            What stands out here
          </Link>
        </>
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={8} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : !service ? (
        <Empty icon={ServerOff} title="There is no such service">
          <Link to="/services" className="font-medium text-accent hover:underline">
            See all services
          </Link>
        </Empty>
      ) : (
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
          <div className="min-w-0 space-y-4">
            {endpoint && <p className="break-all font-mono text-muted text-xs">{endpoint}</p>}
            <TrafficPanel key={endpoint ?? ''} service={id} endpoint={endpoint} first={endpoint ? 'hour' : 'live'} />
            <EndpointsPanel service={id} chosen={endpoint} onChoose={choose} />
          </div>
          <div className="min-w-0 space-y-4">
            <InstancesPanel service={id} />
            <PolicyPanel service={service} editable={owner} />
            <KeysPanel service={service} editable={owner} />
            <Snippet />
          </div>
        </div>
      )}
    </Page>
  );
}
