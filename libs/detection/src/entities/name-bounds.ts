/**
 * How long the route in an endpoint's name may be, whatever a client sends. PostgreSQL takes no more than 2,704 bytes in one entry of
 * an index, and the one that keeps alerts apart has an endpoint's name twice where the alert is about it: a name of 512 characters of
 * three bytes would be refused, and with it the whole batch that it came in.
 */
const MAX_UNITS = 512;
/** Of UTF-8. */
export const MAX_ROUTE_BYTES = 1_000;

/** The route, cut between two characters where it is too long. A lone surrogate counts as what it is stored as, U+FFFD. */
export function boundedRoute(route: string): string {
  if (route.length <= MAX_ROUTE_BYTES / 3 || (route.length <= MAX_UNITS && /^[\x20-\x7e]*$/.test(route))) return route;
  let [units, bytes] = [0, 0];
  for (const character of route) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > MAX_ROUTE_BYTES || units + character.length > MAX_UNITS) break;
    units += character.length;
  }
  return route.slice(0, units);
}
