/** Backtests: what other settings would have done to the last days. Ask for one, follow it, read what comes and goes. */
import type { Backtest } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { backtestsQuery, servicesQuery } from '../queries.js';
import { isProtected } from '../services/own.js';
import { cn } from '../ui/cn.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { BacktestDetail } from './backtest-detail.js';
import { NewBacktest } from './new-backtest.js';
import { changesText, Progress, StateWord } from './progress.js';

const route = getRouteApi('/signed-in/backtests');

export function BacktestsPage() {
  const { id, service } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(backtestsQuery);
  const services = useQuery(servicesQuery);
  const items = list.data?.items ?? [];
  const offered = services.data?.items.filter(isProtected);
  const shown = id ?? items.find((each) => !service || each.service === service)?.id;
  return (
    <Page title="Backtest" lead="Other settings over the requests that were kept, by the real model. Nothing of it is enforced.">
      <div className="grid gap-4 lg:grid-cols-[21rem_minmax(0,1fr)]">
        <div className="min-w-0 space-y-4">
          <Panel title="New backtest">
            {offered && offered.length > 0 ? (
              <NewBacktest services={offered} first={service} onAsked={(asked) => void navigate({ search: { id: asked.id } })} />
            ) : services.isError ? (
              <Failure error={services.error} retry={() => void services.refetch()} />
            ) : offered ? (
              <Empty icon={FlaskConical} title="There is no service yet" className="py-6">
                A backtest runs over the requests that were kept of a service.{' '}
                <Link to="/start" className="font-medium text-accent hover:underline">
                  Protect the first one
                </Link>
              </Empty>
            ) : (
              <SkeletonRows rows={3} />
            )}
          </Panel>
          <Panel title="Asked for">
            {list.isPending ? (
              <SkeletonRows rows={3} />
            ) : list.isError && !list.data ? (
              <Failure error={list.error} retry={() => void list.refetch()} />
            ) : items.length === 0 ? (
              <Empty icon={FlaskConical} title="None yet" className="py-6">
                A backtest shows which alerts and blocks other settings would have brought. Choose them above, and run it.
              </Empty>
            ) : (
              <ul aria-label="Backtests">
                {items.map((each) => (
                  <li key={each.id}>
                    <Entry backtest={each} current={each.id === shown} />
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </div>
        <div className="min-w-0">{shown !== undefined && <BacktestDetail id={shown} />}</div>
      </div>
    </Page>
  );
}

function Entry({ backtest, current }: { backtest: Backtest; current: boolean }) {
  return (
    <Link
      to="/backtests"
      search={{ id: backtest.id }}
      aria-current={current ? 'true' : undefined}
      className={cn(
        'block border-b px-4 py-2.5 text-sm hover:bg-hover/60',
        current && 'shadow-[inset_3px_0_0_var(--color-accent)]',
      )}
    >
      <span className="flex items-center gap-2">
        <span className="min-w-0 truncate font-medium">{backtest.service}</span>
        <StateWord state={backtest.state} />
        <Ago ts={backtest.createdAt} className="ml-auto shrink-0 text-faint text-xs" />
      </span>
      <span className="block truncate text-muted text-xs">{changesText(backtest)}</span>
      {backtest.state === 'running' && <Progress backtest={backtest} />}
    </Link>
  );
}
