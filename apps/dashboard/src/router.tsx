/** Where everything is. Pages are loaded when they are first visited; all but sign-in ask for a session first. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { filtersOf, readAlertSearch } from './alerts/search.js';
import { readAuditSearch } from './audit/search.js';
import { readDecisionSearch } from './decisions/search.js';
import { readInvestigateSearch } from './investigate/search.js';
import { alertsQuery } from './queries.js';
import { queryClient } from './query-client.js';
import { oneOf, searchOf, serviceName, textUpTo, truth } from './search-fields.js';
import { session } from './session.js';
import { SignedIn } from './shell/signed-in.js';
import { Empty, Failure, SkeletonRows } from './ui/states.js';
import { useTitle } from './ui/title.js';

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: searchOf({
    /** Where to go afterwards. */
    to: textUpTo(2000),
    /** A session on this page came to its end. */
    ended: truth,
  }),
  component: lazyRouteComponent(() => import('./sign-in/sign-in-page.js'), 'SignInPage'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ location }) => {
    const state = await session.restore();
    if (state.status === 'signed-out') {
      throw redirect({
        to: '/sign-in',
        search: { ...(location.href !== '/' && { to: location.href }), ...(state.ended && { ended: true }) },
      });
    }
  },
  component: SignedIn,
});

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  component: lazyRouteComponent(() => import('./overview/overview-page.js'), 'OverviewPage'),
});

const alerts = createRoute({
  getParentRoute: () => signedIn,
  path: '/alerts',
  validateSearch: readAlertSearch,
  // Asked for as soon as it may be: not after the page's code has come and run.
  loader: ({ location }) => {
    const state = session.snapshot();
    if (state.status !== 'signed-in') return;
    void queryClient.prefetchInfiniteQuery(alertsQuery(filtersOf(readAlertSearch(location.search), state.person.id)));
  },
  component: lazyRouteComponent(() => import('./alerts/alerts-page.js'), 'AlertsPage'),
});

const alert = createRoute({
  getParentRoute: () => signedIn,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('./alerts/alert-page.js'), 'AlertPage'),
});

const investigate = createRoute({
  getParentRoute: () => signedIn,
  path: '/investigate',
  validateSearch: readInvestigateSearch,
  component: lazyRouteComponent(() => import('./investigate/investigate-page.js'), 'InvestigatePage'),
});

const backtests = createRoute({
  getParentRoute: () => signedIn,
  path: '/backtests',
  validateSearch: searchOf({ id: textUpTo(80), service: serviceName }),
  component: lazyRouteComponent(() => import('./backtests/backtests-page.js'), 'BacktestsPage'),
});

const decisions = createRoute({
  getParentRoute: () => signedIn,
  path: '/decisions',
  validateSearch: readDecisionSearch,
  component: lazyRouteComponent(() => import('./decisions/decisions-page.js'), 'DecisionsPage'),
});

const services = createRoute({
  getParentRoute: () => signedIn,
  path: '/services',
  component: lazyRouteComponent(() => import('./services/services-page.js'), 'ServicesPage'),
});

const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/start',
  validateSearch: searchOf({ service: serviceName }),
  component: lazyRouteComponent(() => import('./start/start-page.js'), 'StartPage'),
});

const readServiceSearch = searchOf({ endpoint: textUpTo(768) });
const service = createRoute({
  getParentRoute: () => signedIn,
  path: '/services/$id',
  validateSearch: readServiceSearch,
  // Links of before: an endpoint has a page of its own.
  beforeLoad: ({ params, search: { endpoint: name } }) => {
    if (name !== undefined) throw redirect({ to: '/endpoint', search: { service: params.id, name }, replace: true });
  },
  component: lazyRouteComponent(() => import('./services/service-page.js'), 'ServicePage'),
});

const search = createRoute({
  getParentRoute: () => signedIn,
  path: '/search',
  validateSearch: searchOf({ text: textUpTo(256) }),
  component: lazyRouteComponent(() => import('./subjects/search-page.js'), 'SearchPage'),
});

const subject = createRoute({
  getParentRoute: () => signedIn,
  path: '/subject',
  validateSearch: searchOf({
    service: serviceName,
    type: oneOf(['actor', 'address', 'credential']),
    id: (value) => textUpTo(768)(value) || undefined,
  }),
  component: lazyRouteComponent(() => import('./subjects/subject-page.js'), 'SubjectPage'),
});

const endpoint = createRoute({
  getParentRoute: () => signedIn,
  path: '/endpoint',
  validateSearch: searchOf({ service: serviceName, name: textUpTo(768) }),
  component: lazyRouteComponent(() => import('./subjects/endpoint-page.js'), 'EndpointPage'),
});

const policies = createRoute({
  getParentRoute: () => signedIn,
  path: '/policies',
  component: lazyRouteComponent(() => import('./policies/policies-page.js'), 'PoliciesPage'),
});

const detection = createRoute({
  getParentRoute: () => signedIn,
  path: '/detection',
  validateSearch: searchOf({ service: serviceName }),
  component: lazyRouteComponent(() => import('./detection/detection-page.js'), 'DetectionPage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/services/$id/settings',
  component: lazyRouteComponent(() => import('./settings/settings-page.js'), 'SettingsPage'),
});

const access = createRoute({
  getParentRoute: () => signedIn,
  path: '/access-policy',
  component: lazyRouteComponent(() => import('./access/access-page.js'), 'AccessPage'),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/account-page.js'), 'AccountPage'),
});

const members = createRoute({
  getParentRoute: () => signedIn,
  path: '/members',
  component: lazyRouteComponent(() => import('./members/members-page.js'), 'MembersPage'),
});

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('./audit/audit-page.js'), 'AuditPage'),
});

const privacy = createRoute({
  getParentRoute: () => signedIn,
  path: '/privacy',
  component: lazyRouteComponent(() => import('./privacy/privacy-page.js'), 'PrivacyPage'),
});

function NotFound() {
  useTitle('There is no such page');
  return (
    <main>
      <h1 className="sr-only">There is no such page</h1>
      <Empty icon={Compass} title="There is no such page" className="min-h-[60dvh]">
        <a href="/" className="font-medium text-accent hover:underline">
          Go to the first page
        </a>
      </Empty>
    </main>
  );
}

const routeTree = root.addChildren([
  signIn,
  signedIn.addChildren([
    overview,
    alerts,
    alert,
    investigate,
    backtests,
    decisions,
    services,
    start,
    service,
    search,
    subject,
    endpoint,
    policies,
    detection,
    settings,
    access,
    account,
    members,
    audit,
    privacy,
  ]),
]);

// All components and states side by side, while developing: a build has neither the route nor its code.
if (import.meta.env.DEV) {
  const gallery = createRoute({
    getParentRoute: () => root,
    path: '/gallery',
    component: lazyRouteComponent(() => import('./gallery/gallery-page.js'), 'GalleryPage'),
  });
  (root.children as unknown as unknown[]).push(gallery);
}

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 150,
  // A page is drawn as soon as it can be: the router would hold it back for half a second once its outline was shown.
  defaultPendingMinMs: 0,
  defaultPendingComponent: () => <SkeletonRows rows={8} className="mx-auto max-w-7xl pt-8" />,
  defaultErrorComponent: ({ error, reset }) => (
    <Failure
      error={error instanceof Error ? error : new Error(String(error))}
      retry={() => {
        reset();
        void router.invalidate();
      }}
      className="min-h-[60dvh]"
    />
  ),
  defaultNotFoundComponent: NotFound,
});

/** The code of the page that the address names comes while the session is asked for, not after it. */
export function loadPageCode(): void {
  for (const route of router.getMatchedRoutes(window.location.pathname)[0]) {
    // What fails is fetched again, and its failure shown, when the page is to be drawn.
    router.loadRouteChunk(route)?.catch(() => {});
  }
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

// A session that ends while a page is open leads back to sign-in, and back to the page afterwards.
session.subscribe(() => {
  if (session.snapshot().status === 'signed-out' && router.state.location.pathname !== '/sign-in') void router.invalidate();
});
