/** What a person does where people sign in, and what a browser or crawler misses: principles put into round numbers. */

/**
 * Windows, in steps. The burst is faster than anybody types; in the pace nobody reads what the answer said; an hour is the
 * work of a stubborn person; over a day the patient give themselves away by coming back again and again.
 */
export const BURST = { step: 1, steps: 10, seconds: 10 } as const;
export const PACE = { step: 1, steps: 20, seconds: 20 } as const;
export const MINUTE = { step: 5, steps: 12, seconds: 60 } as const;
export const HOUR = { step: 300, steps: 12, seconds: 3600 } as const;
export const DAY = { step: 3600, steps: 24, seconds: 86_400 } as const;

/**
 * Failed sign-ins. Who types needs two seconds a try: more than 5 in ten seconds is a program, and the field's line. Who
 * has forgotten a password tries the six or seven that come to mind, and then asks for a new one: more than 10 in an hour
 * without success is none of them. A try that comes two minutes after the last one is a new attempt; more than 8 of them
 * in a day, none successful, is patience that people do not have. Who sees the form again, reads why, and types again takes
 * four seconds: six times within twenty is a program that has time. A one-time code is read off another device and runs
 * out by itself: five wrong ones at that pace are guessed. So are five passwords within the four times four seconds that a person
 * takes for them, from an address that nobody was seen to sign in from.
 */
export const FAILURES_LIMIT = { burst: 5, pace: 5, codes: 4, stranger: 4, hour: 10, attempts: 8 } as const;
export const STRANGER_SECONDS = 16;
export const ATTEMPT_GAP_SECONDS = 120;
/**
 * An account that signed in from the same address at least an hour before is at home there (an attacker's own success a
 * moment ago proves nothing): its first 10 failures in a row are a person's or a forgotten device's.
 */
export const HOME_AFTER_SECONDS = 3600;
export const HOME_EXCUSE = 10;
/** Distinct accounts that one address may fail at and not sign in to afterwards: a household or a small office. */
export const ACCOUNTS_LIMIT = { burst: 6, hour: 10, day: 20 } as const;
/** Accounts remembered of an address, addresses of an account; the longest unseen goes. */
export const PARTNERS_CAP = 128;

/**
 * Distinct unknown paths: icons, robots and a dead link or two in a minute, 10 is the field's line; 30 in an hour. Who
 * finds less than it misses over a whole day is no visitor: 15 leaves room for all that a browser asks for unbidden.
 */
export const MISSES_LIMIT = { burst: 10, hour: 30, day: 15 } as const;

/**
 * What only attack tools ask for (tool-paths.ts) weighs two and a half unknown paths: five of them in a minute, the field's
 * line for sensitive files, are as much as eleven dead links; more than four are needed however damning they are.
 */
export const TOOL_WEIGHT = 2.5;
export const LEAST_TOOL_PATHS = 4;

/** However strict the sensitivity, three mistypes or misses are everybody's. */
export const LEAST_WATCH_LIMIT = 3;
/** What success excuses: two sign-ins one failure, four one failing account, five finds one dead link; over a day one find one. */
export const EXCUSE = { failures: 0.5, accounts: 0.25, misses: 0.2, missesOfDay: 1 } as const;
/** Success excuses at most this many times the bare limit, so that it cannot be bought without end. */
export const MOST_EXCUSE = 10;
/** Points of the chart that a finding carries. */
export const MAX_POINTS = 24;

// ---- Campaigns: many addresses with a few tries each

/** A list is worked off in half an hour or more; a person has signed in, or given up, long before. */
export const CAMPAIGN_SECONDS = 1800;
/** An address counts with at most 5 accounts: more is its own affair; and 5 addresses at least make a campaign. */
export const ACCOUNTS_AN_ADDRESS = 5;
export const LEAST_ADDRESSES = 5;
/** Up to 10 accounts are nobody's campaign, however quiet the service. */
export const CAMPAIGN_FLOOR = 10;
/**
 * Where nothing is known: one account in twenty that sign in is left behind with a failure by a stranger to it, and half a
 * one where nobody signs in at all. What was learnt multiplies this.
 */
export const STRANGERS_SHARE = 0.05;
export const STRANGERS_LEAST = 0.5;
/** The assumption counts as much as ten failing accounts that were expected. */
export const PRIOR_ASSUMED = 10;
/** What strikes everybody strikes strangers too: so many for each who is at home, until more is known, and at most. */
export const ODDS_PRIOR = 4;
export const ODDS_MOST = 4;
/** A flagged half hour teaches a tenth, and no more than twice the usual: noise that stays becomes known in days. */
export const FLAGGED_WEIGHT = 0.1;
/** Failing pairs that are told apart; the oldest goes. */
export const MAX_PENDING = 2_000;
/** Sign-in endpoints of one model; the longest unseen goes. */
export const MAX_CAMPAIGNS = 200;
/** Pairs at home, 32 bits each: in parts, so that little is written when one is added; the longest unseen of a part goes. */
export const HOME_PARTS = 64;
export const HOMES_A_PART = 1_024;
