/** Waits, live, until an API speaks: its SDK is connected, its first request has been received, decisions are enforced in it. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { endpointsQuery, instancesQuery } from '../queries.js';
import { Ago, useNow } from '../ui/time.js';
import { untilSomething } from './setup-queries.js';

/** After so long something may be wrong. */
const PATIENCE_MS = 30_000;

const useEndpoints = (service: string) => useQuery({ ...endpointsQuery(service), refetchInterval: untilSomething });

/** Whether a service has been heard of; undefined while nobody knows. */
export function useHasRequests(service: string): boolean | undefined {
  const items = useEndpoints(service).data?.items;
  return items && items.length > 0;
}

export function FirstRequest({ service }: { service: string }) {
  const items = useEndpoints(service).data?.items ?? [];
  const standing = useQuery({ ...instancesQuery(service), refetchInterval: untilSomething }).data;
  const [first] = [...items].sort((a, b) => a.firstAt - b.firstAt);
  const lastAt = Math.max(...items.map((item) => item.lastAt));
  const [instance] = standing?.items ?? [];
  const enforces = standing?.items.some(({ version }) => version >= standing.reach.version) ?? false;
  return (
    <div>
      <div role="status">
        <ul aria-label="Setup" className="space-y-2 text-sm">
          <Step done={instance !== undefined}>
            {instance ? `SDK connected: ${instance.name}, version ${instance.sdk}` : 'Waiting for the SDK to connect…'}
          </Step>
          <Step done={first !== undefined}>
            {first ? (
              <>
                First request received: <code className="break-all font-mono text-xs">{first.endpoint}</code>
              </>
            ) : (
              'Waiting for the first request…'
            )}
          </Step>
          <Step done={enforces}>{enforces ? 'Decisions are enforced there' : 'Decisions will be enforced there'}</Step>
        </ul>
      </div>
      {first ? (
        <p className="mt-2 text-faint text-xs">
          The last one came <Ago ts={lastAt} />.
        </p>
      ) : (
        <Hints />
      )}
    </div>
  );
}

function Step({ done, children }: { done: boolean; children: ReactNode }) {
  const Icon = done ? CircleCheck : LoaderCircle;
  return (
    <li className="flex items-start gap-2">
      <Icon
        aria-hidden
        className={done ? 'mt-0.5 size-4 shrink-0 text-good' : 'mt-0.5 size-4 shrink-0 animate-spin text-faint'}
      />
      <span className={done ? 'min-w-0' : 'min-w-0 text-muted'}>{children}</span>
    </li>
  );
}

function Hints() {
  const now = useNow();
  const [begun] = useState(now);
  if (now - begun < PATIENCE_MS) return null;
  return (
    <div className="mt-3 rounded-md bg-sunken px-3 py-2 text-muted text-xs">
      <p className="font-medium text-ink">Nothing yet?</p>
      <ul className="mt-1 list-disc space-y-0.5 pl-4">
        <li>Call one of your endpoints: a request log is sent when its request has ended, a second later.</li>
        <li>The SDK prints a fault where the key is refused or PLIMSOLL_URL cannot be reached from where the API runs.</li>
        <li>Both variables must be there when the process starts.</li>
      </ul>
    </div>
  );
}
