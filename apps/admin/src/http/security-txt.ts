/** `/.well-known/security.txt` (RFC 9116): whom to tell of a hole in this installation. */
const DAY_MS = 86_400_000;
/** The RFC wants less than a year; the file is made anew each day, so that what somebody kept ages. */
const GOOD_MS = 90 * DAY_MS;

/** @param contacts URIs (`mailto:`, `https:`, `tel:`), the preferred one first. */
export function securityText(contacts: readonly string[], publicUrl: URL, now: number): string {
  const expires = new Date(Math.floor(now / DAY_MS) * DAY_MS + GOOD_MS).toISOString().replace('.000', '');
  const canonical = new URL('/.well-known/security.txt', publicUrl).href;
  return [
    ...contacts.map((contact) => `Contact: ${contact}`),
    `Expires: ${expires}`,
    'Preferred-Languages: en',
    `Canonical: ${canonical}`,
    '',
  ].join('\r\n');
}
