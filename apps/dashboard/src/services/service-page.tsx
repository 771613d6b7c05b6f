/** One protected API: its traffic, endpoints, policy and keys. */
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { TrafficPanel } from '../overview/traffic-panel.js';
import { buttonClass } from '../ui/button.js';
import { Page } from '../ui/panel.js';
import { DoorPanel } from './door-panel.js';
import { EndpointsPanel } from './endpoints-panel.js';
import { InstancesPanel } from './instances-panel.js';
import { KeysPanel } from './keys-panel.js';
import { OneService, useService } from './one-service.js';
import { PolicyPanel } from './policy-panel.js';
import { Snippet } from './snippet.js';

const route = getRouteApi('/signed-in/services/$id');

export function ServicePage() {
  const { id } = route.useParams();
  const { endpoint } = route.useSearch();
  const navigate = route.useNavigate();
  const service = useService(id);
  const choose = useCallback(
    (next: string | undefined) => void navigate({ search: next ? { endpoint: next } : {}, replace: true, resetScroll: false }),
    [navigate],
  );
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
      <OneService id={id}>
        {(found, owner) => (
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="min-w-0 space-y-4">
              {endpoint && <p className="break-all font-mono text-muted text-xs">{endpoint}</p>}
              <TrafficPanel key={endpoint ?? ''} service={id} endpoint={endpoint} first={endpoint ? 'hour' : 'live'} />
              <EndpointsPanel service={id} chosen={endpoint} onChoose={choose} />
            </div>
            <div className="min-w-0 space-y-4">
              <InstancesPanel service={id} />
              <PolicyPanel service={found} editable={owner} />
              <KeysPanel service={found} editable={owner} />
              <DoorPanel service={id} />
              <Snippet />
            </div>
          </div>
        )}
      </OneService>
    </Page>
  );
}
