/** Waits, live, for the first alert of a service, and leads to it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellRing, LoaderCircle } from 'lucide-react';
import { alertsQuery } from '../queries.js';
import { kindNames, subjectText } from '../words.js';

export function FirstAlert({ service }: { service: string }) {
  const query = useInfiniteQuery({ ...alertsQuery({ service }, 1), refetchInterval: 2_000 });
  const alert = query.data?.pages[0]?.items[0];
  return (
    <p role="status" className="flex items-center gap-2 rounded-md bg-sunken px-3 py-2 text-sm">
      {alert ? (
        <>
          <BellRing aria-hidden className="size-4 shrink-0 text-critical" />
          <Link
            to="/alerts/$id"
            params={{ id: alert.id }}
            className="min-w-0 break-words font-medium text-accent hover:underline"
          >
            {kindNames[alert.kind]}: {subjectText(alert.subject)}
          </Link>
        </>
      ) : (
        <>
          <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-faint" />
          <span className="text-muted">Waiting for the first alert…</span>
        </>
      )}
    </p>
  );
}
