/** The product's words on the screen: names of kinds, states and subjects. One place, so that one thing has one name. */
import type { AlertKind, AlertState, AlertVerdict, Decision, Severity, Subject, SubjectType } from '@plimsoll/contracts';

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

/** What each kind finds, to be read after its name. */
export const kindMeanings: Record<AlertKind, string> = {
  rate: 'far more requests than it and its peers make here',
  drift: 'a pace that climbed slowly to many times what it used to be',
  'auth-failures': 'failed sign-ins against one account, or from one address',
  'credential-stuffing': 'one source or one campaign trying many accounts',
  enumeration: 'many distinct objects, one after the other, by somebody who usually reads few',
  scraping: 'a steady walk over the catalogue',
  probing: 'many unknown or refused paths from one address',
  exfiltration: 'far more data than usual leaves with one user or address',
  'token-theft': 'one credential in use in two places at once',
  'account-takeover': 'a new place or device, and things that this account never did',
  sequence: 'steps of a flow skipped, or repeated without the step before',
  flood: 'traffic from many sources far above the norm of its hour',
  'endpoint-health': 'errors or slowness for everybody on an endpoint',
};

export const severityNames: Record<Severity, string> = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' };
export const stateNames: Record<AlertState, string> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  snoozed: 'Snoozed',
  resolved: 'Resolved',
};
export const verdictNames: Record<AlertVerdict, string> = {
  'true-positive': 'True positive',
  'false-positive': 'False positive',
  'expected-change': 'Expected change',
};

/** Which verdict to take, and what the model does with it. */
export const verdictMeanings: Record<AlertVerdict, { when: string; effect: string }> = {
  'true-positive': {
    when: 'Abuse, or a fault that somebody had to know about.',
    effect: 'What it taught the model is taken back: it is judged by its habits from before.',
  },
  'false-positive': {
    when: 'Harmless; nobody had to be told.',
    effect:
      'From now on it takes more to raise alerts of this kind about the same user or address: the limit is widened. What policies hold because of it is lifted.',
  },
  'expected-change': {
    when: 'Unusual, but wanted: a new job, a launch, a new habit.',
    effect:
      'It is learnt at once as the new normal, and the behaviour is quiet from now on. What policies hold because of it is lifted.',
  },
};

type Action = Decision['action'];
export const actionNames: Record<Action, string> = {
  monitor: 'Monitor',
  throttle: 'Throttle',
  challenge: 'Challenge',
  block: 'Block',
};
/** What was done to somebody: `Challenged`. */
export const actionDone: Record<Action, string> = {
  monitor: 'Monitored',
  throttle: 'Throttled',
  challenge: 'Challenged',
  block: 'Blocked',
};
/** A decision in two words: one that is not enforced must not read as if it were. */
export function actionText({ action, mode }: Pick<Decision, 'action' | 'mode'>): string {
  if (mode === 'dry-run') return `Would ${actionNames[action].toLowerCase()}`;
  return mode === 'pending' ? `${actionNames[action]} waits` : actionNames[action];
}

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
