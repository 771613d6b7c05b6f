/** Every screen of the console that has an address, each with something on it, and the routes that it must be one of. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

interface Whom {
  service: string;
  /** Id of an alert of the service about the actor. */
  alert: string;
  actor: string;
  address: string;
  /** A fingerprint. */
  credential: string;
}

export function screens({ service, alert, actor, address, credential }: Whom): string[] {
  const subject = (type: string, id: string) => `/subject?${new URLSearchParams({ service, type, id })}`;
  return [
    ...['/', '/alerts?state=all', `/alerts/${alert}`, `/investigate?service=${service}`, '/backtests'],
    ...['/decisions', '/decisions?show=all', '/policies', `/detection?service=${service}`, `/search?text=${actor}`],
    ...[subject('actor', actor), subject('address', address), subject('credential', credential)],
    `/endpoint?${new URLSearchParams({ service, name: 'GET /products' })}`,
    ...['/start', `/start?service=${service}`, '/services', `/services/${service}`, `/services/${service}/settings`],
    ...['/access-policy', '/nowhere'],
  ];
}

/** Screens that specs of their own look at, or on which hardly anything stands. */
export const otherScreens: readonly string[] = [
  ...['/account', '/members', '/audit', '/privacy', '/alerts?group=campaign', '/alerts?text=nobody', '/decisions?show=ending'],
  ...['/search', '/search?text=nobody', '/subject', '/endpoint', '/services/nope'],
];

/** Routes of the console that none of these screens is one of. */
export async function unvisited(visited: readonly string[]): Promise<string[]> {
  const source = await readFile('apps/dashboard/src/router.tsx', 'utf8');
  const paths = visited.map((screen) => screen.split('?')[0] ?? '');
  return [...source.matchAll(/\bpath: '(\/[^']*)'/g)]
    .map(([, route = '']) => route)
    .filter((route) => !paths.some((path) => new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}$`).test(path)));
}

/** Opens it, and waits for all that is on its way. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
}
