/** From nothing to the first protected request, and an attack seen: one page, four steps, each done where it stands. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery } from '../access-queries.js';
import { useServices } from '../services/one-service.js';
import { Page } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { LaterSteps } from './later-steps.js';
import { NameService } from './name-service.js';
import { Step } from './step.js';

const route = getRouteApi('/signed-in/start');

export function StartPage() {
  const { service: id } = route.useSearch();
  const navigate = route.useNavigate();
  const services = useServices();
  const me = useQuery(meQuery);
  const service = services.data?.items.find((each) => each.id === id);
  const [secret, setSecret] = useState<string>();
  const begun = (made: string, text: string | undefined) => {
    setSecret(text);
    void navigate({ search: { service: made }, replace: true });
  };
  return (
    <Page title="Protect an API" lead="From nothing to the first protected request: a name, three lines, one request.">
      <ol className="max-w-3xl space-y-4">
        <Step number={1} done={service !== undefined}>
          {service ? (
            <p className="text-sm">
              <Link to="/services/$id" params={{ id: service.id }} className="font-medium text-accent hover:underline">
                {service.id}
              </Link>{' '}
              begins with a dry run: its policy only says whom it would hold back. What a person blocks is blocked.
            </p>
          ) : services.isError && !services.data ? (
            <Failure error={services.error} retry={() => void services.refetch()} />
          ) : me.isError && !me.data ? (
            <Failure error={me.error} retry={() => void me.refetch()} />
          ) : services.data && me.data ? (
            <NameService creates={me.data.allowed.includes('service.create')} onMade={begun} />
          ) : (
            <SkeletonRows rows={2} />
          )}
        </Step>
        {service ? (
          <LaterSteps service={service} secret={secret} onMade={setSecret} />
        ) : (
          [2, 3, 4].map((number) => <Step key={number} number={number} />)
        )}
      </ol>
    </Page>
  );
}
