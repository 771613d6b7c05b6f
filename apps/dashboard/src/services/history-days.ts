/** For how many days a service's requests are kept: what was typed, what is wrong with it, and how it is said. Null: as the installation says. */
import { exact } from '../format.js';

const MOST = 3_650;

/** NaN where it is no number. */
export const readDays = (typed: string): number | null => (typed.trim() === '' ? null : Number(typed));

export const faultOfDays = (days: number | null): string | undefined =>
  days === null || (Number.isInteger(days) && days >= 1 && days <= MOST)
    ? undefined
    : `must be a whole number from 1 to ${exact(MOST)}, or empty`;

/** Whether something that is kept now could be deleted: how long the installation keeps is not known here. */
export const forgetsSooner = (before: number | null, days: number | null): boolean =>
  days !== before && (days === null || before === null || days < before);

export const keptText = (days: number | null): string =>
  days === null
    ? 'Requests are kept for as long as the installation says.'
    : `Requests are kept for ${days === 1 ? 'one day' : `${exact(days)} days`} after their receipt.`;
