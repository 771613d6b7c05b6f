/** What this person has seen. An alert is unseen while it is open, opened after the person's mark, and was never looked at. */
import type { Alert, Seen } from '@plimsoll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { seenQuery } from '../queries.js';
import { toast } from '../toast.js';

export const isUnseen = (alert: Pick<Alert, 'id' | 'state' | 'firstAt'>, seen: Seen | undefined): boolean =>
  seen !== undefined && alert.state === 'open' && alert.firstAt > seen.upTo && !seen.ids.includes(alert.id);

export function useSeen() {
  const client = useQueryClient();
  const { data: seen } = useQuery(seenQuery);
  const { mutate } = useMutation({
    mutationFn: (body: { alerts?: string[]; upTo?: number }) => callOperation('markSeen', { body }),
    onMutate: ({ alerts = [], upTo = 0 }) =>
      client.setQueryData(seenQuery.queryKey, (old) => old && { upTo: Math.max(old.upTo, upTo), ids: [...alerts, ...old.ids] }),
    onSuccess: (answer) => client.setQueryData(seenQuery.queryKey, answer),
    onError: (error, { upTo }) => {
      // What a page marks of its own accord is marked the next time.
      if (upTo !== undefined) toast.error('Not marked as seen', { description: error.message });
      return client.invalidateQueries({ queryKey: seenQuery.queryKey });
    },
  });
  return { seen, mark: mutate };
}
