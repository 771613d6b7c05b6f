/** What a decision on an address holds, for lists that live events change: the rule of the server's `heldAddress`. */

/** The /64 of an IPv6 address, `2001:db8:0:1::/64`; other text, an IPv4 address too, stands as it is. */
export function heldAddress(text: string): string {
  if (!text.includes(':') || text.endsWith('/64')) return text;
  const groups = groupsOf(text);
  return groups ? `${plain(`${groups.slice(0, 4).join(':')}::`) ?? text}/64` : text;
}

/** Eight groups; undefined where it is no address. */
function groupsOf(text: string): string[] | undefined {
  const shortest = plain(text);
  if (shortest === undefined) return undefined;
  const [head = '', tail] = shortest.split('::').map((part) => part.split(':').filter(Boolean));
  if (tail === undefined) return [...head];
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
}

/** The shortest form (RFC 5952): what hosts of URLs are put into. */
function plain(text: string): string | undefined {
  const url = `http://[${text.split('%', 1)[0]}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}
