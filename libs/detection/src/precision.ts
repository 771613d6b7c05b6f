/**
 * How often the alerts of a kind are right, by what people said of them, and what follows when they mostly are not: the kind
 * goes on raising alerts, and policies decide nothing because of it (`monitor`) until it is believed again.
 *
 *   precision   confirmed / (confirmed + false), of the subjects judged in the last PRECISION_DAYS; an expected change is neither
 *   interval    Wilson's, at 95 %: it stays within 0..1 and is honest for few verdicts and for shares near an end
 *   demoted     while nobody could still think that PRECISION_FLOOR are right: the interval's upper end is below it, and two people
 *               say so wherever there are two: nobody switches a defence off alone
 *   restored    when half of them could be right again: by better verdicts, or because the bad ones have grown old
 *
 * Source of the interval: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
 */
import type { AlertKind, Settings } from '@plimsoll/contracts';

/** Verdicts older than this say nothing of what the model does now. */
export const PRECISION_DAYS = 30;
/**
 * Three of ten: a decision that hits somebody innocent twice as often as somebody guilty does more harm than it prevents. With
 * none confirmed it takes nine subjects to say so, which is a morning's work and not one person's bad day.
 */
export const PRECISION_FLOOR = 0.3;
/** Far from the floor, so that a kind on its edge does not go to and fro with each verdict. */
export const PRECISION_RESTORED = 0.5;
/** So many people must have called alerts of a kind false, or everybody where they are fewer. */
const ACCUSERS = 2;
/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/** Subjects, each by the last verdict on it. */
export interface Judgements {
  confirmed: number;
  falseAlarms: number;
}

export interface Judges {
  /** People who called alerts of the kind false. */
  accusers: number;
  /** People of the installation who may resolve alerts. */
  resolvers: number;
}

export interface Precision {
  /** Null while nothing was judged. */
  share: number | null;
  low: number;
  high: number;
}

/** Wilson's interval of a share: `successes` of `trials`, with no correction for continuity. */
export function wilson(successes: number, trials: number): { low: number; high: number } {
  if (trials <= 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const square = (Z * Z) / trials;
  const middle = share + square / 2;
  const reach = Z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  return { low: Math.max(0, (middle - reach) / (1 + square)), high: Math.min(1, (middle + reach) / (1 + square)) };
}

export function precisionOf({ confirmed, falseAlarms }: Judgements): Precision {
  const trials = confirmed + falseAlarms;
  return { share: trials > 0 ? confirmed / trials : null, ...wilson(confirmed, trials) };
}

/** @param demoted whether the kind is demoted now */
export function judgePrecision(judgements: Judgements, demoted: boolean, judges: Judges): 'demote' | 'restore' | 'keep' {
  const { high } = precisionOf(judgements);
  if (demoted) return high >= PRECISION_RESTORED ? 'restore' : 'keep';
  const heard = judges.accusers >= Math.min(ACCUSERS, judges.resolvers);
  return high < PRECISION_FLOOR && heard ? 'demote' : 'keep';
}

/** The settings with these kinds at `monitor` wherever they are on, in groups and on endpoints too; the same object for none. */
export function withDemoted(settings: Settings, demoted: readonly AlertKind[]): Settings {
  if (demoted.length === 0) return settings;
  const held = (kinds: Settings['kinds'], byDefault: boolean): Settings['kinds'] => {
    const low = demoted.filter((kind) => (kinds[kind] ?? (byDefault ? 'on' : undefined)) === 'on');
    return { ...kinds, ...Object.fromEntries(low.map((kind) => [kind, 'monitor'] as const)) };
  };
  const tuned = <T extends { kinds?: Settings['kinds'] | undefined }>(one: T): T =>
    one.kinds === undefined ? one : { ...one, kinds: held(one.kinds, false) };
  return {
    ...settings,
    kinds: held(settings.kinds, true),
    groups: settings.groups.map(tuned),
    endpoints: settings.endpoints.map(tuned),
  };
}
