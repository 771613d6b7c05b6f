/** From nothing to the first protected request, and an attack seen: one page, four steps, each done where it stands. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { meQuery } from '../access-queries.js';
import { FirstRequest, useHasRequests } from '../services/first-request.js';
import { useServices } from '../services/one-service.js';
import { Snippet } from '../services/snippet.js';
import { cn } from '../ui/cn.js';
import { CodeBlock } from '../ui/copy.js';
import { Page } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { FirstAlert } from './first-alert.js';
import { AnotherKey, NameService } from './name-service.js';

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
        <Step number={1} title="Name it" done={service !== undefined}>
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
        <Step number={2} title="Put it into the API" waits={!service}>
          {service && secret === undefined && <AnotherKey service={service.id} onMade={(text) => setSecret(text)} />}
          <Snippet secret={secret} />
        </Step>
        <Step number={3} title="See its first request" waits={!service}>
          {service && <FirstRequest service={service.id} />}
        </Step>
        <LastStep service={service?.id} />
      </ol>
    </Page>
  );
}

const LOOP = `for n in $(seq 300); do curl -s -o /dev/null http://localhost:3000/; done`;

function LastStep({ service }: { service: string | undefined }) {
  return service === undefined ? <Step {...last} waits /> : <AttackStep service={service} />;
}
const last = { number: 4, title: 'See an attack' };

function AttackStep({ service }: { service: string }) {
  return (
    <Step {...last} waits={!useHasRequests(service)}>
      <div className="space-y-3 text-sm">
        <p>
          Send a few hundred requests in the name of one user, with your own address and sign-in. The alert opens here by itself;
          on its page you block the user.
        </p>
        <CodeBlock label="loop" code={LOOP} />
        <FirstAlert service={service} />
      </div>
    </Step>
  );
}

interface StepProps {
  number: number;
  title: string;
  done?: boolean;
  /** Not yet its turn. */
  waits?: boolean;
  children?: ReactNode;
}

function Step({ number, title, done = false, waits = false, children }: StepProps) {
  return (
    <li className={cn('rounded-lg border bg-surface p-4 shadow-card', waits && 'bg-transparent shadow-none')}>
      <h2 className="flex items-center gap-2.5 font-semibold text-base">
        <span
          className={cn(
            'flex size-6 shrink-0 items-center justify-center rounded-full text-xs',
            done ? 'bg-good/14 text-good' : 'bg-accent/12 text-accent',
          )}
        >
          {done ? <Check aria-hidden className="size-3.5" strokeWidth={3} /> : number}
        </span>
        {title}
        {done && <span className="sr-only">, done</span>}
      </h2>
      {!waits && <div className="mt-3 sm:pl-8.5">{children}</div>}
    </li>
  );
}
