/** What each role is for, to be read where one is chosen. */
import type { Person } from '@plimsoll/contracts';

export const roleMeanings: Record<Person['role'], string> = {
  owner: 'Everything: settings, keys, people.',
  analyst: 'Alerts and decisions: acknowledges, blocks, lifts.',
  viewer: 'Reads, and changes nothing.',
};
export const roles = Object.keys(roleMeanings) as Person['role'][];
