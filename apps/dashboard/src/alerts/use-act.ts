/**
 * One act on one alert or on many: shown at once, settled by the server's answer for each, rolled back where it says no,
 * and taken back for some seconds by Undo, which touches only what nobody has changed since.
 */
import type { Alert, TriageAct, TriageResult } from '@plimsoll/contracts';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { serverNow } from '../clock.js';
import { applyAlerts } from '../live-cache.js';
import { session } from '../session.js';
import { toast } from '../toast.js';
import { subjectText } from '../words.js';
import { doneText, foresee, leftText, type PageAct, undoable } from './optimistic.js';

interface Order {
  act: PageAct;
  alerts: readonly Alert[];
}

/** How long Undo is offered: shorter than a verdict can be taken back (VERDICT_UNDO_MS). */
const UNDO_MS = 8_000;
const COUNT_MS = 1_000;
/** The API takes so many at a time. */
const MOST = 200;

export const myself = () => {
  const state = session.snapshot();
  return state.status === 'signed-in' ? state.person : { id: '', name: 'you' };
};

let counting: ReturnType<typeof setTimeout> | undefined;
/** Asks for the counts again once for a row of quick acts: each act is a change, and none waits for the counts. */
function countSoon(client: QueryClient): void {
  if (counting !== undefined) return;
  counting = setTimeout(() => {
    counting = undefined;
    void client.invalidateQueries({ queryKey: ['overview'] });
  }, COUNT_MS);
}

const wire = (act: PageAct): TriageAct => (act.type === 'assign' ? { type: 'assign', assignee: act.assignee?.id ?? null } : act);
const alertsOf = (results: readonly TriageResult[]) => results.flatMap((result) => ('alert' in result ? [result.alert] : []));

/** As the server has them now; what it did nothing to is as it was before the act. */
function settledOf(results: readonly TriageResult[], before: readonly Alert[]): Alert[] {
  const known = new Map(alertsOf(results).map((alert) => [alert.id, alert]));
  return before.map((alert) => known.get(alert.id) ?? alert);
}

async function send({ act, alerts }: Order): Promise<TriageResult[]> {
  const results: TriageResult[] = [];
  for (let from = 0; from < alerts.length; from += MOST) {
    const part = alerts.slice(from, from + MOST);
    const targets = part.map(({ id, version }) => (act.type === 'undo' ? { id, version } : { id }));
    results.push(...(await callOperation('triage', { body: { act: wire(act), alerts: targets } })).results);
  }
  return results;
}

export function useAct() {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: send,
    onMutate: ({ act, alerts }) => {
      const now = serverNow();
      applyAlerts(
        client,
        alerts.map((alert) => foresee(alert, act, myself().name, now)),
      );
    },
    onSuccess: (results, order) => {
      applyAlerts(client, settledOf(results, order.alerts));
      tell(results, order);
    },
    onError: (error, { alerts }) => {
      applyAlerts(client, alerts);
      void client.invalidateQueries({ queryKey: ['alerts'] });
      toast.error('That did not work', { description: error.message });
    },
    onSettled: () => {
      countSoon(client);
      void client.invalidateQueries({ queryKey: ['alert-history'] });
    },
  });
  const { mutate } = mutation;

  function tell(results: readonly TriageResult[], { act, alerts }: Order) {
    const changed = alertsOf(results.filter(({ type }) => type === 'changed'));
    const rest = leftText(results, alerts, act.type);
    if (changed.length === 0) {
      if (rest) toast.info('Nothing was changed', { description: rest });
      return;
    }
    const first = alerts.length === 1 && alerts[0] ? subjectText(alerts[0].subject) : undefined;
    toast.success(doneText(act, changed.length), {
      description: rest ?? first,
      ...(undoable(act) && {
        duration: UNDO_MS,
        action: { label: 'Undo', onClick: () => mutate({ act: { type: 'undo' }, alerts: changed }) },
      }),
    });
  }
  return mutation;
}
