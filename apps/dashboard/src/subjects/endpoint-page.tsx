/** One endpoint of one service: its traffic, its hours, who calls it, what comes before and after, what was found on it. */
import type { Service } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Route } from 'lucide-react';
import type { ReactNode } from 'react';
import { count, duration, measure, milliseconds, share } from '../format.js';
import { HeldPanel } from '../overview/held-panel.js';
import { TrafficPanel } from '../overview/traffic-panel.js';
import { endpointsQuery } from '../queries.js';
import { OneService } from '../services/one-service.js';
import { buttonClass } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { Ago, useNow } from '../ui/time.js';
import { ContactPanels } from './contacts-panel.js';
import { Marks, marksOf } from './endpoint-marks.js';
import { WeekPanel } from './heat-map.js';
import { SubjectAlerts } from './subject-alerts.js';
import { endpointBaselineQuery } from './subject-queries.js';

const route = getRouteApi('/signed-in/endpoint');

export function EndpointPage() {
  const { service, name } = route.useSearch();
  if (service === undefined || name === undefined)
    return (
      <Page title="No endpoint is named">
        <Empty icon={Route} title="This address names no endpoint">
          <Link to="/search" className="font-medium text-accent hover:underline">
            Search for one
          </Link>
        </Empty>
      </Page>
    );
  return (
    <Page
      title={name}
      lead={
        <>
          in{' '}
          <Link to="/services/$id" params={{ id: service }} className="text-accent hover:underline">
            {service}
          </Link>
        </>
      }
      actions={
        <Link to="/investigate" search={{ service, endpoint: name }} className={buttonClass()}>
          Its requests
        </Link>
      }
    >
      <OneService id={service}>
        {(found) => (
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="min-w-0 space-y-4">
              <TrafficPanel service={service} endpoint={name} first="hour" />
              <WeekPanel service={service} type="endpoint" id={name} />
              <SubjectAlerts filters={{ service, endpoint: name }} />
            </div>
            <div className="min-w-0 space-y-4">
              <Facts service={found} name={name} />
              <Learnt service={service} endpoint={name} />
              <HeldPanel service={service} endpoint={name} />
              <ContactPanels service={service} type="endpoint" id={name} />
            </div>
          </div>
        )}
      </OneService>
    </Page>
  );
}

function Facts({ service, name }: { service: Service; name: string }) {
  const now = useNow();
  const query = useQuery(endpointsQuery(service.id));
  const summary = query.data?.items.find(({ endpoint }) => endpoint === name);
  return (
    <Panel title="In the roll-ups">
      {query.isPending ? (
        <SkeletonRows rows={3} />
      ) : !summary ? (
        <p className="px-4 py-5 text-muted text-sm">No request of the last 35 days was counted for this endpoint.</p>
      ) : (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 px-4 py-3 text-sm">
          <Fact name="Marks">
            <Marks marks={marksOf(summary, service, now)} none="none" />
          </Fact>
          <Fact name="Requests">{count(summary.requests)}</Fact>
          <Fact name="Server errors">{share(summary.errors, summary.requests)}</Fact>
          <Fact name="Client errors">{share(summary.clientErrors, summary.requests)}</Fact>
          <Fact name="Refused">{count(summary.throttled + summary.blocked)}</Fact>
          <Fact name="Mean time">{milliseconds(summary.durationMsMean)}</Fact>
          <Fact name="First seen">
            <Ago ts={summary.firstAt} />
          </Fact>
          <Fact name="Last seen">
            <Ago ts={summary.lastAt} />
          </Fact>
        </dl>
      )}
    </Panel>
  );
}

/** What everybody does here, by which who is new is measured. */
function Learnt({ service, endpoint }: { service: string; endpoint: string }) {
  const { data, error, refetch } = useQuery(endpointBaselineQuery(service, endpoint));
  return (
    <Panel title="Baseline of everybody">
      {!data ? (
        error ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={2} />
        )
      ) : data.windows.length === 0 ? (
        <p className="px-4 py-5 text-muted text-sm">Nothing is learnt yet: it takes some minutes of traffic by more than one.</p>
      ) : (
        <>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 px-4 py-3 text-sm">
            {data.windows.map(({ windowSeconds, mean, deviation, blocks }) => (
              <Fact key={windowSeconds} name={`In ${duration(windowSeconds)}`}>
                {measure(mean)}{' '}
                <span className="text-faint text-xs">
                  ± {measure(deviation)}, from {count(blocks)} blocks
                </span>
              </Fact>
            ))}
          </dl>
          <p className="px-4 pb-3 text-faint text-xs">
            Requests of one user at its peak. Who is known here is measured by its own habits more and more.
          </p>
        </>
      )}
    </Panel>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="min-w-0">{children}</dd>
  </>
);
