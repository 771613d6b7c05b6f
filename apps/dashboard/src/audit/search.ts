/** What of the audit is shown, as it stands in the address: a link shows a colleague the same rows. */
import { oneOf, ownId, searchOf, textLike, textUpTo, time } from '../search-fields.js';

const text = textUpTo(768);

export const readAuditSearch = searchOf({
  person: ownId,
  action: textLike(/^[a-z-]{1,40}\.?[a-z-]{0,40}$/),
  outcome: oneOf(['allowed', 'denied']),
  service: text,
  object: text,
  subject: text,
  text: textUpTo(200),
  from: time,
  until: time,
});
export type AuditSearch = ReturnType<typeof readAuditSearch>;

/** What to ask the server for: empty fields are none. */
export const filterOf = (search: AuditSearch): AuditSearch =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));

export const isNarrowed = (search: AuditSearch): boolean => Object.keys(filterOf(search)).length > 0;

export const ranges = [
  { value: '3600000', name: 'Last hour' },
  { value: '86400000', name: 'Last 24 h' },
  { value: '604800000', name: 'Last 7 d' },
  { value: '2592000000', name: 'Last 30 d' },
] as const;

/** What people do, by the verb's first word; a row's own action can be chosen from its detail. */
export const deeds = [
  { value: 'access.', name: 'Refusals' },
  { value: 'access-policy.', name: 'Access policy' },
  { value: 'access-case.', name: 'Cases of the access policy' },
  { value: 'alert.', name: 'Alerts' },
  { value: 'approval.', name: 'Approvals' },
  { value: 'audit.', name: 'Audit' },
  { value: 'backtest.', name: 'Backtests' },
  { value: 'decision.', name: 'Decisions' },
  { value: 'history.', name: 'Request history' },
  { value: 'instance.', name: 'Instances' },
  { value: 'key.', name: 'API keys' },
  { value: 'keys.', name: 'Signing keys' },
  { value: 'member.', name: 'Members' },
  { value: 'passkey.', name: 'Passkeys' },
  { value: 'recovery.', name: 'Recovery codes' },
  { value: 'service.', name: 'Services and settings' },
  { value: 'session.', name: 'Sessions' },
  { value: 'two-persons.', name: 'Two persons' },
] as const;
