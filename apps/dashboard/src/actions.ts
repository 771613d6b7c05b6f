/**
 * What a person does to decisions. Lifting shows at once and rolls back when the server
 * says no (so do acts on alerts: alerts/use-act.ts); blocking and throttling wait for the server's word, since a screen must not claim an enforcement that is not.
 */
import type { BodyOf, Decision } from '@plimsoll/contracts';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from './api.js';
import { serverNow } from './clock.js';
import { exact } from './format.js';
import { applyDecisions } from './live-cache.js';
import { session } from './session.js';
import { toast } from './toast.js';
import { actionDone, subjectText } from './words.js';

const me = (): string => {
  const state = session.snapshot();
  return state.status === 'signed-in' ? state.person.name : 'you';
};

const refused = (what: string, error: Error) => toast.error(what, { description: error.message });

export function useDecide() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyOf<'decide'>) => callOperation('decide', { body }),
    onSuccess: (decision) => {
      applyDecisions(client, [decision]);
      toast.success(actionDone[decision.action], {
        description: `${subjectText(decision.subject)} in ${decision.service}`,
      });
      // A new decision takes the place of earlier ones about the same subject.
      for (const key of ['decisions', 'alert', 'overview']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
}

/** A pending block is put in force. */
export function useConfirm() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (decision: Decision) => callOperation('confirm', { params: { id: decision.id }, body: {} }),
    onSuccess: (decision) => {
      applyDecisions(client, [decision]);
      toast.success('Blocked', { description: `${subjectText(decision.subject)} in ${decision.service}` });
    },
    onError: (error) => refused('The block could not be confirmed', error),
    onSettled: () => settled(client),
  });
}

/** All pending blocks of a service are put in force, or dismissed. */
export function useSettlePending() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ service, answer }: { service: string; answer: 'confirm' | 'dismiss' }) =>
      callOperation('settlePending', { params: { id: service }, body: { answer } }),
    onSuccess: ({ settled: number }, { service, answer }) =>
      toast.success(`${exact(number)} ${answer === 'confirm' ? 'blocked' : 'dismissed'}`, { description: service }),
    onError: (error) => refused('The blocks could not be settled', error),
    onSettled: () => settled(client),
  });
}

function settled(client: QueryClient): void {
  for (const key of ['decisions', 'alert', 'overview']) void client.invalidateQueries({ queryKey: [key] });
}

export function useLift() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ decision, reason }: { decision: Decision; reason: string }) =>
      callOperation('lift', { params: { id: decision.id }, body: reason ? { reason } : {} }),
    onMutate: ({ decision }) => applyDecisions(client, [{ ...decision, liftedAt: serverNow(), liftedBy: me() }]),
    onSuccess: (decision) => {
      applyDecisions(client, [decision]);
      toast.success(decision.mode === 'pending' ? 'Block dismissed' : 'Decision lifted', {
        description: subjectText(decision.subject),
      });
    },
    onError: (error, { decision }) => {
      applyDecisions(client, [decision]);
      void client.invalidateQueries({ queryKey: ['decisions'] });
      refused('The decision could not be lifted', error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['overview'] }),
  });
}
