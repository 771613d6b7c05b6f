/** The settings in words: what each does, and why its default is what it is. */
import type { KindMode } from '@plimsoll/contracts';
import type { SettingName } from './draft.js';

export const settingTitles: Record<SettingName, string> = {
  baseLimit: 'Base limit',
  sensitivity: 'Sensitivity',
  alertBudget: 'Alert budget',
  kinds: 'Kinds',
  ladder: 'Ladder',
  maxShare: 'Blocks without a person',
  allow: 'Allow-list',
  groups: 'User groups',
  endpoints: 'Endpoints',
  flows: 'Flows',
  learnFlows: 'Learnt flows',
};

export const settingMeanings = {
  baseLimit:
    'Requests an hour. Below it nobody is throttled or blocked for pace; alerts are not bound by it. The default lets a person click as fast as they like.',
  sensitivity:
    'How far above the expectation a limit lies. Greater is more tolerant. The default leaves room for an ordinary busy hour; 1 is strict, 3 is for a noisy service.',
  alertBudget:
    'Alerts of low and medium severity a day that the team can look at. When more open, limits stretch until it fits. 0: no budget. The default is about four an hour.',
  kinds:
    'What is looked for. On: alerts, and decisions as the policy says. Monitor: alerts alone. Off: not looked for. All are on by default: each stays silent until it is sure.',
  ladder:
    'What follows from what is found. The first rule that matches holds; what none matches leads to no decision. Who begins again soon after a step has ended, or goes on against a throttle, gets the next one. The policy of the service caps all of it. By default high and critical are blocked, medium after two throttles, low never.',
  maxShare:
    'Policies may newly block this share of the accounts and addresses of the last minutes within one minute, and five in any case; further blocks wait for a person, and who waits is held to its limit. An address counts as many as there were accounts behind it.',
  allow:
    'Never accused, never refused, whatever is decided about their user, address or credential, and nothing is learnt from them: your own monitors, load tests, partners who warned you. Empty by default: whoever is listed here is not watched.',
  groups:
    'Users of one sort, with limits of their own: batch jobs, partners, your own staff. A user belongs to the first group that matches. None by default: each user is measured by its own past.',
  endpoints:
    'Limits of single endpoints, and which are worth more to a thief. These come before a group’s. None by default: names such as payment, token or export speak for themselves.',
  flows:
    'Business flows in which a step needs the one before it, such as cart, payment, confirmation. Skipped or repeated steps are then found at once, without learning.',
  learnFlows:
    'Whether flows are also learnt from what most users do. On by default; turn it off where clients are free to call in any order.',
} as const satisfies Record<SettingName, string>;

export const modeNames: Record<KindMode, string> = { on: 'On', monitor: 'Monitor', off: 'Off' };
export const modes: readonly KindMode[] = ['on', 'monitor', 'off'];
