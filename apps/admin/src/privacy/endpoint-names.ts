/**
 * Endpoints of a service's settings whose name holds an actor's id. Such a name is hidden by the actor that the same settings list, so that
 * two things must not be: a name that came to hold an id because somebody who does not know it wrote its pseudonym, and an actor
 * that leaves the settings while such a name stays. Pure.
 */
import type { Settings } from '@plimsoll/contracts';
import { namesId } from '@plimsoll/storage';
import { actorsIn, type Standing } from './names.js';

const endpointsOf = ({ endpoints, flows, ladder }: Settings): string[] => [
  ...[...endpoints, ...ladder].flatMap(({ endpoint }) => endpoint ?? []),
  ...flows.flatMap(({ steps }) => steps),
];

export const standingIn = (settings: Settings): Standing => ({
  endpoints: new Set(endpointsOf(settings)),
  actors: actorsIn(settings),
});

/** The listed actors whose id stands in the name of an endpoint. */
export function namedInEndpoints(settings: Settings): string[] {
  const { endpoints, actors } = standingIn(settings);
  const names = [...endpoints];
  return [...actors].filter((id) => standsIn(names, id));
}

/** Who is not listed any more though the name of an endpoint still holds its id: from then on everybody would read it there. */
export function uncovered(before: Settings, after: Settings): string[] {
  const listed = actorsIn(after);
  const names = endpointsOf(after);
  return namedInEndpoints(before).filter((id) => !listed.has(id) && standsIn(names, id));
}

const standsIn = (names: readonly string[], id: string): boolean => names.some((name) => namesId(name, id));
