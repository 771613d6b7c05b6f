/** What holds where a service has set nothing, as plain values: the form of the settings offers them, and the schema fills in with them. */
import type { Ladder } from './ladder.js';
import type { Settings } from './settings.js';

const MINUTE = 60;
const HOUR = 3_600;

/**
 * What holds where nothing was set.
 * - high and critical: refused at once, since such an excess is no eager client's. Ten minutes first: a tool that is told no for
 *   that long mostly goes elsewhere, and an error is soon over. Who comes back is refused for an hour, six hours, a day;
 *   a day is the cap, so that an address that changes hands is not held for good.
 * - medium: held to its own limit, which costs an honest client nothing beyond its habit; refused only after it has gone on
 *   against two throttles.
 * - low: never refused: it may still be an eager client.
 */
export const DEFAULT_LADDER: Ladder = [
  {
    severity: 'high',
    steps: [
      { action: 'block', seconds: 10 * MINUTE },
      { action: 'block', seconds: HOUR },
      { action: 'block', seconds: 6 * HOUR },
      { action: 'block', seconds: 24 * HOUR },
    ],
  },
  {
    severity: 'medium',
    steps: [
      { action: 'throttle', seconds: MINUTE },
      { action: 'throttle', seconds: 10 * MINUTE },
      { action: 'block', seconds: 10 * MINUTE },
      { action: 'block', seconds: HOUR },
    ],
  },
  {
    steps: [
      { action: 'throttle', seconds: MINUTE },
      { action: 'throttle', seconds: 5 * MINUTE },
      { action: 'throttle', seconds: 15 * MINUTE },
    ],
  },
];

export const DEFAULT_SETTINGS: Settings = {
  baseLimit: 100,
  sensitivity: 1.5,
  alertBudget: 100,
  kinds: {},
  allow: { actors: [], addresses: [], credentials: [] },
  groups: [],
  endpoints: [],
  flows: [],
  learnFlows: true,
  ladder: DEFAULT_LADDER,
  maxShare: 0.05,
};
