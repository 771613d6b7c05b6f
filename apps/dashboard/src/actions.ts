/**
 * What a person does to alerts and decisions. Acknowledge, resolve and lift show at once and roll back when the server
 * says no; blocking and throttling wait for the server's word, since a screen must not claim an enforcement that is not.
 */
import type { Alert, AlertVerdict, BodyOf, Decision } from '@plimsoll/contracts';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { callOperation } from './api.js';
import { serverNow } from './clock.js';
import { applyAlerts, applyDecisions } from './live-cache.js';
import { session } from './session.js';
import { actionDone, subjectText } from './words.js';

const me = (): string => {
  const state = session.snapshot();
  return state.status === 'signed-in' ? state.person.name : 'you';
};

const refused = (what: string, error: Error) => toast.error(what, { description: error.message });

export function useAcknowledge() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (alert: Alert) => callOperation('acknowledge', { params: { id: alert.id }, body: {} }),
    onMutate: (alert) =>
      applyAlerts(client, [{ ...alert, state: 'acknowledged', acknowledgedAt: serverNow(), acknowledgedBy: me() }]),
    onSuccess: (alert) => {
      applyAlerts(client, [alert]);
      toast.success('Alert acknowledged', { description: subjectText(alert.subject) });
    },
    onError: (error, alert) => {
      applyAlerts(client, [alert]);
      void client.invalidateQueries({ queryKey: ['alerts'] });
      refused('The alert could not be acknowledged', error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['overview'] }),
  });
}

export interface Resolution {
  alert: Alert;
  verdict: AlertVerdict;
  note: string;
}

export function useResolve() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ alert, verdict, note }: Resolution) =>
      callOperation('resolve', { params: { id: alert.id }, body: note ? { verdict, note } : { verdict } }),
    onMutate: ({ alert, verdict, note }) =>
      applyAlerts(client, [
        {
          ...alert,
          state: 'resolved',
          verdict,
          note: note || alert.note,
          resolvedAt: serverNow(),
          resolvedBy: me(),
        },
      ]),
    onSuccess: (alert) => {
      applyAlerts(client, [alert]);
      toast.success('Alert resolved', { description: subjectText(alert.subject) });
    },
    onError: (error, { alert }) => {
      applyAlerts(client, [alert]);
      void client.invalidateQueries({ queryKey: ['alerts'] });
      refused('The alert could not be resolved', error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['overview'] }),
  });
}

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
      toast.success(`${number} ${answer === 'confirm' ? 'blocked' : 'dismissed'}`, { description: service }),
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
