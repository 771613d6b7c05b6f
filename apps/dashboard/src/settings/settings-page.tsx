/** What the owner of a service can tune: `/services/{id}/settings`. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, ServerOff } from 'lucide-react';
import { useSession } from '../live-wiring.js';
import { servicesQuery } from '../queries.js';
import { Page } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { SettingsForm } from './settings-form.js';

const route = getRouteApi('/signed-in/services/$id/settings');

export function SettingsPage() {
  const { id } = route.useParams();
  const session = useSession();
  const query = useQuery(servicesQuery);
  const service = query.data?.items.find((each) => each.id === id);
  const owner = session.status === 'signed-in' && session.person.role === 'owner';
  return (
    <Page
      title={`Settings of ${id}`}
      lead={
        <Link to="/services/$id" params={{ id }} className="inline-flex items-center gap-1.5 rounded-sm hover:text-ink">
          <ArrowLeft aria-hidden className="size-3.5" /> Back to the service
        </Link>
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
        <div className="max-w-5xl">
          {!owner && <p className="mb-4 rounded-md bg-sunken px-3 py-2 text-muted text-sm">Only an owner may change settings.</p>}
          <SettingsForm key={service.id} service={service} editable={owner} />
        </div>
      )}
    </Page>
  );
}
