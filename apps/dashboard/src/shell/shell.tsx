/**
 * The frame around every page: navigation at the left, or at the bottom of a phone (one element, placed by CSS), the
 * connection's state, the person's menu, shortcuts that work anywhere.
 */
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { BellRing, FlaskConical, Gauge, ListOrdered, Radar, ScanSearch, Search, Server, ShieldBan } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { Notices } from '../account/notices.js';
import { PasskeyReminder } from '../account/reminder.js';
import { RiskBar } from '../account/risk-bar.js';
import { useMay } from '../allowed.js';
import { PendingBanner } from '../decisions/pending.js';
import { count } from '../format.js';
import { useKeys } from '../keys.js';
import { useSession } from '../live-wiring.js';
import { CommandPalette, KeyboardHelp } from '../overlays.js';
import { overviewQuery } from '../queries.js';
import { buttonClass } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { ZoneNote } from '../ui/time.js';
import { showOpenCount } from '../ui/title.js';
import { ConnectionState, OfflineBand } from './connection.js';
import { Logo } from './logo.js';
import { Mentions } from './mentions.js';
import { usePageFocus } from './page-focus.js';
import { usePaletteKey } from './palette-key.js';
import { PersonMenu } from './person-menu.js';

const places = [
  { to: '/', name: 'Overview', icon: Gauge, key: 'g o' },
  { to: '/alerts', name: 'Alerts', icon: BellRing, key: 'g a' },
  { to: '/search', name: 'Search', icon: Search, key: 'g f', wide: true },
  { to: '/investigate', name: 'Investigate', icon: ScanSearch, key: 'g i' },
  { to: '/decisions', name: 'Decisions', icon: ShieldBan, key: 'g d' },
  { to: '/backtests', name: 'Backtest', icon: FlaskConical, key: 'g b' },
  { to: '/policies', name: 'Policies', icon: ListOrdered, key: 'g l', wide: true },
  { to: '/detection', name: 'Detection', icon: Radar, key: 'g m', wide: true },
  { to: '/services', name: 'Services', icon: Server, key: 'g s' },
] as const;

function Place({ place, children }: { place: (typeof places)[number]; children?: ReactNode }) {
  const Icon = place.icon;
  const hidden = 'wide' in place && 'max-md:hidden';
  return (
    <Link
      to={place.to}
      activeOptions={{ exact: place.to === '/', includeSearch: false }}
      className={cn(
        'relative flex flex-1 flex-col items-center justify-center gap-0.5 py-1.5 font-medium text-2xs text-muted transition-colors hover:text-ink aria-[current=page]:text-accent md:h-8 md:flex-none md:flex-row md:justify-start md:gap-2.5 md:rounded-md md:px-2 md:py-0 md:text-sm md:aria-[current=page]:bg-accent/10 md:hover:bg-hover',
        hidden,
      )}
    >
      <Icon aria-hidden className="size-5 md:size-4" strokeWidth={1.75} />
      {place.name}
      {children}
    </Link>
  );
}

function OpenCount() {
  const { data } = useQuery(overviewQuery);
  if (!data?.openAlerts) return null;
  return (
    <span className="absolute top-0.5 left-1/2 ml-1.5 min-w-4 rounded-full bg-critical px-1 text-center font-semibold text-2xs text-on-critical md:static md:ml-auto md:min-w-5">
      {count(data.openAlerts)}
      <span className="sr-only"> open</span>
    </span>
  );
}

/** The tab tells how many alerts are open, also while another one is looked at. */
function useOpenCount(): void {
  const open = useQuery(overviewQuery).data?.openAlerts ?? 0;
  useEffect(() => showOpenCount(open), [open]);
  useEffect(() => () => showOpenCount(0), []);
}

export function Shell() {
  const navigate = useNavigate();
  const state = useSession();
  const owner = state.status === 'signed-in' && state.person.role === 'owner';
  const readsAudit = useMay('audit.read');
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  usePaletteKey(useCallback(() => setPalette(true), []));
  useOpenCount();
  usePageFocus();
  const everywhere = [
    ...places.map(({ name, key, to }) => ({ name: `Go to ${name}`, key, run: () => void navigate({ to }) })),
    { name: 'Go to Access policy', key: 'g p', run: () => void navigate({ to: '/access-policy' }) },
    { name: 'Protect an API', run: () => void navigate({ to: '/start' }) },
    { name: 'Go to Account', run: () => void navigate({ to: '/account' }) },
    ...(owner ? [{ name: 'Go to Members', run: () => void navigate({ to: '/members' }) }] : []),
    ...(readsAudit ? [{ name: 'Go to Audit', key: 'g u', run: () => void navigate({ to: '/audit' }) }] : []),
    { name: 'Go to Privacy', run: () => void navigate({ to: '/privacy' }) },
    { name: 'My alerts', run: () => void navigate({ to: '/alerts', search: { assignee: 'me' } }) },
    {
      name: 'Alerts with a comment that mentions me',
      run: () => void navigate({ to: '/alerts', search: { mentioned: true, state: 'all' } }),
    },
    { name: 'Keyboard shortcuts', key: '?', run: () => setHelp(true) },
  ];
  useKeys({
    '?': () => setHelp(true),
    'g p': () => void navigate({ to: '/access-policy' }),
    ...(readsAudit && { 'g u': () => void navigate({ to: '/audit' }) }),
    ...Object.fromEntries(places.map(({ key, to }) => [key, () => void navigate({ to })])),
  });
  return (
    <div className="min-h-dvh print:block md:grid md:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-pop"
      >
        Skip to content
      </a>
      <header className="print:hidden sticky top-0 z-30 flex h-12 items-center gap-3 border-b bg-surface px-4 md:h-dvh md:flex-col md:items-stretch md:gap-4 md:border-r md:border-b-0 md:bg-sunken/60 md:px-3 md:py-4">
        <Link to="/" aria-label="Plimsoll" className="rounded-md md:px-2">
          <Logo />
        </Link>
        <nav
          aria-label="Main"
          className="fixed inset-x-0 bottom-0 z-30 flex border-t bg-surface pb-[env(safe-area-inset-bottom)] md:static md:flex-col md:gap-0.5 md:border-t-0 md:bg-transparent md:pb-0"
        >
          {places.map((place) => (
            <Place key={place.to} place={place}>
              {place.to === '/alerts' && <OpenCount />}
            </Place>
          ))}
        </nav>
        <div className="ml-auto flex items-center gap-1 md:mt-auto md:ml-0 md:flex-col md:items-stretch md:gap-2">
          <Link to="/search" aria-label="Search" className={cn(buttonClass({ look: 'ghost', size: 'icon' }), 'md:hidden')}>
            <Search aria-hidden />
          </Link>
          <Mentions />
          <ConnectionState className="px-2" />
          <ZoneNote className="px-2 max-md:hidden" />
          <PersonMenu onHelp={() => setHelp(true)} />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="min-w-0 pb-16 outline-none md:pb-0">
        <div className="print:hidden">
          <OfflineBand />
          <RiskBar />
          <Notices />
          <PasskeyReminder />
          <PendingBanner />
        </div>
        <Outlet />
      </main>
      {help && <KeyboardHelp open onOpenChange={setHelp} />}
      {palette && <CommandPalette open onOpenChange={setPalette} everywhere={everywhere} />}
    </div>
  );
}
