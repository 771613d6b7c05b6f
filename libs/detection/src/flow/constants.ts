/** Constants of the kind `sequence`, each with its reason. */

const HOUR = 3600;

// ---- Learning what comes before a step

/** Samples of a step (an actor's first of a day counts one, its next ones little) before anything is known to belong before it. */
export const LEAST_SAMPLES = 40;
/** Practically all: of a hundred one may go without, by a bug, a second window or an old version. */
export const MOST_WITHOUT = 0.01;
/** A cycle that lacks what four of five pass first is a sample in full, however many an actor gave that day. */
export const USUAL_MOST_WITHOUT = 0.2;
/** While so few have gone without, a share says nothing yet. */
export const FEW_WITHOUT = 2.5;
/** What was done longer ago is no part of this purchase any more: an afternoon with its interruptions. */
export const CYCLE_SECONDS = 4 * HOUR;
/** Samples of one actor and step a day; the n-th weighs 1/n². */
export const SAMPLES_A_DAY = 5;
/** Repetitions go on being told at the weight after that: how long runs become shows late in a day. */
export const LEAST_WEIGHT = 1 / 36;
/** Whoever was just met may be in the middle of a cycle, unless it came long after the step was known. */
export const ENTERED_SECONDS = HOUR / 2;

// ---- Steps skipped

/** Violations are counted over so long. */
export const WINDOW_SECONDS = HOUR;
/** The same step again within seconds is a double click or a retry of the client, not a cycle of its own. */
export const DOUBLE_SECONDS = 5;
/** One cycle without a step may be a bug or a second window; whoever has shown to know the way does not lose it twice. */
export const SKIPS_OF_KNOWING = 1;
/**
 * Where of a hundred samples of different actors and days not one has ever gone without a step on money or access, the first
 * who does is worth a word at once: it happens once, since everyone hears of it and the step is no longer unbroken.
 */
export const NEWS_SAMPLES = 100;
/** Half a cycle: once is over it, and within it where a person said that it is no matter, or the budget has stretched it twofold. */
export const NEWS_LIMIT = 0.5;
/** What is left of one that went without after a fortnight. */
export const UNBROKEN_MOST = 0.05;
/** It is told so much later: the log of the step may have been overtaken. */
export const NEWS_AFTER_SECONDS = 3;
/** Cycles waiting to be told; of further ones nothing is said at their first time. */
export const MAX_AWAITED = 1_000;
/** Who never went that way may have another one; three times it is allowed. */
export const SKIPS_OF_OTHERS = 3;
/** Cycles that were complete show that an actor knows the way. */
export const KNOWS_AFTER = 2;
/** Declared by the owner: a step needs the one before it, at once. */
export const SKIPS_OF_DECLARED = 0;

// ---- Steps repeated

/** Repetitions after the first where nothing is known: people do a thing once. */
export const REPEATS = { row: 0.1, cycle: 0.3 } as const;
export type Repeat = keyof typeof REPEATS;
/** Samples of a step before its repetitions are judged: few, for the prior weighs more than they do. */
export const LEAST_REPEAT_SAMPLES = 10;
/** A step that people do more than once in four cycles again is no step to be done once: nothing is said of it. */
export const REPEATED_MOST = 0.25;
/** Repetitions that are nobody's abuse: in a row with nothing in between, and within a cycle with other reading in between. */
export const FLOORS: Record<Repeat, number> = { row: 3, cycle: 5 };
/** A longer pause begins anew. */
export const REPEAT_PAUSE_SECONDS = 300;
/** What an actor did before, and half as much again, is its way. */
export const OWN_STRETCH = 1.5;

// ---- State

/** Accounts with tracks: about 500 bytes each. The one that was away longest of a sample goes. */
export const MAX_TRACKS = 200_000;
/** Steps of an account; the one not done longest makes room. */
export const MAX_STEPS = 12;
/** Steps of everyone that belong before one. */
export const MAX_GUARDS = 8;
