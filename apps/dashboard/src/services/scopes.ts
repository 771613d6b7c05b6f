/** What an API key may do, in words. */
import type { KeyScope } from '@plimsoll/contracts';

export const scopeNames: Record<KeyScope, string> = {
  'ingest:write': 'Send request logs',
  'decisions:read': 'Enforce decisions',
  'feedback:write': 'Report proofs',
  'admin:read': 'Read the console',
};

export const scopeMeanings: Record<KeyScope, string> = {
  'ingest:write': 'What every sender needs. Whoever has such a key can send logs in the name of this service, and read nothing.',
  'decisions:read':
    'To follow blocks, throttles, challenges and risks, and to say what is enforced. Not for who only ships log files.',
  'feedback:write':
    'To say that a user has proved itself, which lifts challenges and throttles of that user, three times a day at most. Only for an API that asks its users for a proof.',
  'admin:read':
    'To read alerts, decisions, traffic and history of this service by the admin API, and to change nothing. For programs of the team; never for the API itself.',
};
