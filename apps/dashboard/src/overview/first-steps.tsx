/** The way to the first protected API, on the first screen until one has spoken: what is done of it, and where it goes on. */
import { DEMO_SERVICE } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMay } from '../allowed.js';
import { endpointsQuery } from '../queries.js';
import { useServices } from '../services/one-service.js';
import { isOwn } from '../services/own.js';
import { StepName, steps } from '../start/step.js';
import { buttonClass } from '../ui/button.js';

/** For who may add an API. */
export function FirstSteps() {
  const creates = useMay('service.create');
  const services = useServices().data?.items;
  if (!creates || !services) return null;
  const [only, ...others] = services.filter(isOwn);
  if (others.length > 0) return null;
  return only ? <Begun service={only.id} /> : <Card demo={services.some(({ id }) => id === DEMO_SERVICE)} />;
}

function Begun({ service }: { service: string }) {
  const endpoints = useQuery(endpointsQuery(service)).data?.items;
  return endpoints?.length === 0 ? <Card service={service} /> : null;
}

function Card({ service, demo }: { service?: string; demo?: boolean }) {
  return (
    <section className="mb-4 flex flex-wrap items-center gap-x-6 gap-y-3 rounded-lg border bg-surface p-4 shadow-card">
      <div className="min-w-0 flex-1 basis-80">
        <h2 className="font-semibold text-base">
          {service ? `${service} has sent nothing yet` : 'No API of yours is protected yet'}
        </h2>
        <ol className="mt-2.5 flex flex-wrap gap-x-5 gap-y-2 text-muted text-sm">
          {steps.map((name, index) => (
            <li key={name} className="flex items-center gap-2">
              <StepName number={index + 1} done={index === 0 && service !== undefined} />
            </li>
          ))}
        </ol>
      </div>
      <div className="flex flex-wrap gap-2">
        {demo && (
          <Link to="/services/$id" params={{ id: DEMO_SERVICE }} className={buttonClass()}>
            Attack the demo
          </Link>
        )}
        <Link to="/start" search={service ? { service } : {}} className={buttonClass({ look: 'primary' })}>
          {service ? 'Go on' : 'Protect an API'}
        </Link>
      </div>
    </section>
  );
}
