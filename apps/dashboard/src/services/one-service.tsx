/** One service by its id, for the pages about it; or what stands in its place while there is none to show. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ServerOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMayIn } from '../allowed.js';
import { servicesQuery } from '../queries.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';

export const useServices = () => useQuery(servicesQuery);
type Service = NonNullable<ReturnType<typeof useServices>['data']>['items'][number];

export const useService = (id: string): Service | undefined => useServices().data?.items.find((each) => each.id === id);

interface OneServiceProps {
  id: string;
  /** `editable`: the person signed in may change it. */
  children: (service: Service, editable: boolean) => ReactNode;
}

export function OneService({ id, children }: OneServiceProps) {
  const editable = useMayIn(id, 'service.update');
  const query = useServices();
  const service = useService(id);
  if (query.isPending) return <SkeletonRows rows={8} />;
  if (query.isError && !query.data) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (service) return children(service, editable);
  return (
    <Empty icon={ServerOff} title="There is no such service">
      <Link to="/services" className="font-medium text-accent hover:underline">
        See all services
      </Link>
    </Empty>
  );
}
