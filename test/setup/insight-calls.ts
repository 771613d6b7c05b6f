/** A good call of each operation about subjects, the demo and detection, for the specs that try every operation of the contract. */
import type { OperationName } from '@plimsoll/contracts';
import { precisionSchema } from '@plimsoll/storage';
import type { AdminServer, CallInput } from './admin-server.js';
import { T0 } from './records.js';

type Calls = Partial<Record<OperationName, () => CallInput | Promise<CallInput>>>;

/** @param stage the server: of a kind that is to be restored one must be demoted. */
export function insightCalls(stage: () => AdminServer): Calls {
  const shop = { params: { id: 'shop' } };
  return {
    search: () => ({ query: { text: 'ada' } }),
    outlook: () => ({ ...shop, query: { type: 'actor', subject: 'ada' } }),
    endpointBaseline: () => ({ ...shop, query: { endpoint: 'GET /products' } }),
    contacts: () => ({ query: { service: 'shop', from: String(T0 - 1000), to: String(T0 + 1000), actor: 'ada' } }),
    demoAttack: () => shop,
    attackDemo: () => ({ ...shop, body: { attack: 'flood' } }),
    detection: () => shop,
    restoreKind: async () => {
      const demotion = { service: 'shop', kind: 'drift', demotedAt: T0, confirmed: 0, falseAlarms: 9 };
      await stage().db.insert(precisionSchema.kindDemotion).values(demotion).onConflictDoNothing();
      return { ...shop, body: { kind: 'drift' } };
    },
  };
}
