/**
 * What the person signed in may do, as the server says; the page never decides by itself. It hides or disables by this alone, and
 * until the answer is there it offers nothing. Whatever is called is decided anew by the server.
 */
import type { AccessActionName } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { allowedQuery, meQuery } from './access-queries.js';

/** In the installation, or somewhere in it. */
export function useMay(action: AccessActionName): boolean {
  return useQuery(meQuery).data?.allowed.includes(action) ?? false;
}

/** In a service. */
export function useMayIn(service: string, action: AccessActionName): boolean {
  return useQuery(allowedQuery(service)).data?.allowed.includes(action) ?? false;
}

/** In a service, asked for several actions at once. */
export function useMayAllIn(service: string): (action: AccessActionName) => boolean {
  const allowed = useQuery(allowedQuery(service)).data?.allowed;
  return (action) => allowed?.includes(action) ?? false;
}
