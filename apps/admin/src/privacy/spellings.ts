/**
 * How a pseudonym stands in the name of an endpoint. A path may hold its actor's id percent-encoded, and the name must come back as
 * it was, or a filter would find nothing and an order hold nobody: there the underscore of the pseudonym is encoded too, in the same
 * case of hex. Ids that were encoded otherwise than by `encodeURIComponent` come back as by it. Pure.
 */
import { endpointName } from '@plimsoll/contracts';

const SPELLED = /anon(_|%5[Ff])([\w-]{16})(?![\w-])/g;
const LOWER_HEX = /%(?:[a-f]\d|\d[a-f]|[a-f]{2})/;

/** What stands for a spelling of `id`, of which `pseudonym` is the plain one. */
export const standInFor =
  (id: string, pseudonym: string) =>
  (spelling: string): string => {
    if (spelling === id) return pseudonym;
    return pseudonym.replace('_', LOWER_HEX.test(spelling) ? '%5f' : '%5F');
  };

/** The pseudonyms in a text, each plain, whichever way it is spelled. */
export const pseudonymsIn = (text: string): string[] => [...text.matchAll(SPELLED)].map(([, , rest]) => `anon_${rest}`);

/** The name of an endpoint with ids in the place of pseudonyms, spelled as these say. Any other text stays. */
export function inEndpoint(said: string, idOf: (pseudonym: string) => string): string {
  if (!endpointName.safeParse(said).success) return said;
  return said.replace(SPELLED, (spelled: string, mark: string, rest: string) => {
    const pseudonym = `anon_${rest}`;
    const id = idOf(pseudonym);
    if (id === pseudonym) return spelled;
    if (mark === '_') return id;
    const encoded = encodeURIComponent(id);
    return mark === '%5F' ? encoded : encoded.replace(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase());
  });
}
