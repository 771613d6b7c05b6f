/**
 * Whom of several alerts, of whatever services, an act may be about, as the rows' own buttons know it. Where nobody has asked for a
 * service yet, the server says no by itself.
 */
import type { AccessActionName, Alert } from '@plimsoll/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { allowedQuery } from '../access-queries.js';
import type { PageAct } from './optimistic.js';

export const actionFor = (type: PageAct['type']): AccessActionName =>
  type === 'acknowledge' || type === 'resolve' ? `alert.${type}` : 'alert.triage';

export function usePermitted() {
  const client = useQueryClient();
  return useCallback(
    (action: AccessActionName, alerts: readonly Alert[]): readonly Alert[] =>
      alerts.filter(({ service }) => client.getQueryData(allowedQuery(service).queryKey)?.allowed.includes(action) ?? true),
    [client],
  );
}
