/**
 * The one-time token of a sign-in link stands in the fragment, which browsers send to no server and into no referrer. It
 * is read once and taken out of the address at once, so that it stays in no history entry and no screenshot.
 */
export function takeToken(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState' | 'state'>,
): string | undefined {
  const token = location.hash.slice(1);
  if (!token) return undefined;
  history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}

/** Where to go after sign-in: a path of this site, nothing else. */
export function returnPath(wanted: string | undefined): string {
  return wanted && /^\/(?![/\\])[^\\]*$/.test(wanted) && !wanted.startsWith('/sign-in') ? wanted : '/';
}
