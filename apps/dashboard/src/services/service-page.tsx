/** One protected API: its traffic, endpoints, policy and keys; until it has spoken, how to make it speak. */
import { SELF_SERVICE } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMayIn } from '../allowed.js';
import { HeldPanel } from '../overview/held-panel.js';
import { TrafficPanel } from '../overview/traffic-panel.js';
import { servicesQuery } from '../queries.js';
import { ContactPanels } from '../subjects/contacts-panel.js';
import { WeekPanel } from '../subjects/heat-map.js';
import { SubjectAlerts } from '../subjects/subject-alerts.js';
import { buttonClass } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { AttackPanel } from './attack-panel.js';
import { DoorPanel } from './door-panel.js';
import { EndpointsPanel } from './endpoints-panel.js';
import { FirstRequest, useHasRequests } from './first-request.js';
import { HistoryPanel } from './history-panel.js';
import { InstancesPanel } from './instances-panel.js';
import { KeysPanel } from './keys-panel.js';
import { OneService, useService } from './one-service.js';
import { isProtected } from './own.js';
import { PolicyPanel } from './policy-panel.js';
import { Snippet } from './snippet.js';

const route = getRouteApi('/signed-in/services/$id');

/** Of Plimsoll's own service. */
const OWN_LEAD =
  'Plimsoll watches this console by its own detector. It only monitors: what it finds raises the risk of who did it.';

export function ServicePage() {
  const { id } = route.useParams();
  const service = useService(id);
  const missing = useQuery(servicesQuery).isSuccess && service === undefined;
  const makesKeys = useMayIn(id, 'key.create');
  return (
    <Page
      title={missing ? 'Service not found' : id}
      lead={id === SELF_SERVICE ? OWN_LEAD : service ? `${service.environment} · team ${service.team}` : undefined}
      actions={
        service && (
          <>
            <Link to="/services/$id/settings" params={{ id }} className={buttonClass()}>
              Settings
            </Link>
            <Link to="/alerts" search={{ service: id }} className={buttonClass()}>
              What stands out here
            </Link>
          </>
        )
      }
    >
      <OneService id={id}>
        {(found, owner) => (
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="min-w-0 space-y-4">
              {isProtected(found) && <Setup service={id} />}
              <AttackPanel service={id} />
              <TrafficPanel service={id} />
              {isProtected(found) && <SubjectAlerts filters={{ service: id }} />}
              <EndpointsPanel service={found} />
              <WeekPanel service={id} type="service" id={id} />
              {isProtected(found) && <Another service={id} />}
            </div>
            <div className="min-w-0 space-y-4">
              {isProtected(found) && <InstancesPanel service={id} />}
              {isProtected(found) && <HeldPanel service={id} />}
              <PolicyPanel service={found} editable={owner && isProtected(found)} />
              <KeysPanel service={found} editable={makesKeys} />
              <HistoryPanel service={found} editable={owner && isProtected(found)} />
              <DoorPanel service={id} />
              <ContactPanels service={id} type="service" id={id} />
            </div>
          </div>
        )}
      </OneService>
    </Page>
  );
}

/** In the first place, until something has come. */
function Setup({ service }: { service: string }) {
  if (useHasRequests(service) !== false) return null;
  return (
    <Panel title="Waiting for the first request">
      <div className="space-y-4 p-4">
        <FirstRequest service={service} />
        <Snippet />
      </div>
    </Panel>
  );
}

/** The same lines for the next instance; until there is a first one they stand above. */
function Another({ service }: { service: string }) {
  if (useHasRequests(service) !== true) return null;
  return (
    <Panel title="Protect another instance">
      <div className="p-4">
        <Snippet />
      </div>
    </Panel>
  );
}
