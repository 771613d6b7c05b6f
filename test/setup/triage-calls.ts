/** A good call of each operation about the work on alerts, for the specs that try every operation of the contract. */
import type { OperationName } from '@plimsoll/contracts';
import type { AdminServer, CallInput, Visitor } from './admin-server.js';
import { insertAlert, T0 } from './records.js';

type Calls = Partial<Record<OperationName, () => CallInput | Promise<CallInput>>>;

/** @param stage the server, and who calls: a view is removed by whoever has saved it. */
export function triageCalls(stage: () => [AdminServer, Visitor]): Calls {
  const alert = () => insertAlert(stage()[0].db);
  const view = { name: 'Nights', search: '?kind=rate' };
  return {
    alerts: () => ({ query: { state: 'open,acknowledged', severity: 'high', kind: 'rate', service: 'shop', limit: '5' } }),
    alert: async () => ({ params: { id: await alert() } }),
    acknowledge: async () => ({ params: { id: await alert() }, body: { note: 'looking' } }),
    resolve: async () => ({ params: { id: await alert() }, body: { verdict: 'false-positive' } }),
    alertCounts: () => ({}),
    campaignSizes: async () => ({ query: { alerts: await alert(), state: 'open' } }),
    alertHistory: async () => ({ params: { id: await alert() } }),
    relatedAlerts: async () => ({ params: { id: await alert() } }),
    triage: async () => ({ body: { act: { type: 'acknowledge' }, alerts: [{ id: await alert() }] } }),
    comment: async () => ({ params: { id: await alert() }, body: { text: 'seen before' } }),
    assignees: () => ({}),
    savedViews: () => ({}),
    saveView: () => ({ body: view }),
    removeView: async () => ({ params: { id: String((await stage()[1].call('saveView', { body: view })).body['id']) } }),
    seen: () => ({}),
    markSeen: async () => ({ body: { alerts: [await alert()], upTo: T0 } }),
  };
}
