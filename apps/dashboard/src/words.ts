/** The product's words on the screen: names of kinds, states and subjects. One place, so that one thing has one name. */
import type { AlertKind, AlertState, AlertVerdict, Severity, Subject, SubjectType } from '@plimsoll/contracts';

export const kindNames: Record<AlertKind, string> = {
  rate: 'Rate',
  drift: 'Drift',
  'auth-failures': 'Failed sign-ins',
  'credential-stuffing': 'Credential stuffing',
  enumeration: 'Enumeration',
  scraping: 'Scraping',
  probing: 'Probing',
  exfiltration: 'Exfiltration',
  'token-theft': 'Token theft',
  'account-takeover': 'Account takeover',
  sequence: 'Sequence',
  flood: 'Flood',
  'endpoint-health': 'Endpoint health',
};

export const kindMeanings: Record<AlertKind, string> = {
  rate: 'far more requests than this subject and its peers make here',
  drift: 'a rate that climbed slowly to many times its reference',
  'auth-failures': 'failed sign-ins against one account or from one client',
  'credential-stuffing': 'one source trying many accounts',
  enumeration: 'many distinct objects, one after the other',
  scraping: 'a steady walk over the catalogue',
  probing: 'many unknown paths from one address',
  exfiltration: 'far more data than normal leaves through here',
  'token-theft': 'one credential in use in two places at once',
  'account-takeover': 'a new place, a new device and things this account never did',
  sequence: 'steps of a flow skipped or repeated',
  flood: 'traffic from many sources far above the norm of its hour',
  'endpoint-health': 'errors or slowness for everybody',
};

export const severityNames: Record<Severity, string> = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' };
export const stateNames: Record<AlertState, string> = { open: 'Open', acknowledged: 'Acknowledged', resolved: 'Resolved' };
export const verdictNames: Record<AlertVerdict, string> = {
  'true-positive': 'True positive',
  'false-positive': 'False positive',
};

const subjectNames: Record<SubjectType, string> = {
  actor: 'User',
  address: 'Address',
  credential: 'Credential',
  endpoint: 'Endpoint',
  service: 'Service',
};

export const subjectTypeName = (type: SubjectType): string => subjectNames[type];

/** `User user-07`: for toasts, titles and labels. */
export const subjectText = (subject: Subject): string => `${subjectNames[subject.type]} ${subject.id}`;
