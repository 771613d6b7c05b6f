/** A good call of each operation of audit and privacy, for the tables that have a row for every operation. */
import { rememberPseudonyms } from '@plimsoll/storage';
import type { AdminServer, CallInput } from './admin-server.js';

export const oversightCalls = (server: () => AdminServer) => ({
  audit: (): CallInput => ({ query: { action: 'decision.' } }),
  exportAudit: (): CallInput => ({ query: { person: 'per_1' } }),
  verifyAudit: (): CallInput => ({}),
  privacy: (): CallInput => ({}),
  setPseudonyms: (): CallInput => ({ body: { on: false } }),
  revealActor: async (): Promise<CallInput> => {
    const pseudonym = 'anon_0123456789abcdef';
    await rememberPseudonyms(server().db, [[pseudonym, 'ada']]);
    return { body: { pseudonym, reason: 'asked' } };
  },
  eraseActor: (): CallInput => ({ body: { actor: 'nobody', reason: 'asked' } }),
  erasures: (): CallInput => ({}),
});
