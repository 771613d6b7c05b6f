/** What somebody sees, in words, and names that were typed one a line: a name may hold a comma, no name a line break. */
import type { PersonAttributes } from '@plimsoll/contracts';

/** Each once, in their order; an empty text has none. */
export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

export const linesOf = (names: readonly string[]): string => names.join('\n');

export const listed = (names: readonly string[]): string => names.join(', ');

/** `sees every team`; `sees the team sales, and of others shop`. */
export function sightWords({ everyTeam, teams, services }: PersonAttributes): string {
  if (everyTeam) return 'sees every team';
  if (teams.length === 0) return services.length === 0 ? 'sees no service' : `sees ${listed(services)} alone`;
  const named = `sees the team${teams.length > 1 ? 's' : ''} ${listed(teams)}`;
  return services.length === 0 ? named : `${named}, and of others ${listed(services)}`;
}
