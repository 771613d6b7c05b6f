/** The figures of the first screen. Each leads to where it comes from. */
import type { Overview } from '@plimsoll/contracts';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Sparkline } from '../charts/sparkline.js';
import { count, measure, share } from '../format.js';
import { cn } from '../ui/cn.js';
import { Skeleton } from '../ui/states.js';
import { severityNames } from '../words.js';
import { rates } from './samples.js';
import { downwards, SeverityBar } from './severity-bar.js';
import { useBackfilledSeconds } from './use-live.js';

interface TileProps extends Pick<LinkProps, 'to' | 'search'> {
  name: string;
  value: ReactNode;
  unit?: string;
  tone?: string | undefined;
  children?: ReactNode;
}

function Tile({ name, value, unit, tone, children, ...link }: TileProps) {
  return (
    <Link
      {...link}
      className="relative flex min-h-28 flex-col overflow-hidden rounded-lg border bg-surface px-4 py-3 shadow-card transition-colors hover:border-line-strong hover:bg-hover/50"
    >
      <span className="font-medium text-muted text-xs">{name}</span>
      <span className="mt-1 mb-1 flex flex-wrap items-baseline gap-x-1.5">
        <span className={cn('whitespace-nowrap font-semibold text-2xl tracking-tight', tone)}>{value}</span>
        {unit && <span className="text-faint text-xs">{unit}</span>}
      </span>
      {children}
    </Link>
  );
}

/** The figure is the mean of the last ten seconds: one second alone flickers. */
export function LiveTiles() {
  const seconds = useBackfilledSeconds(60);
  const now = rates(seconds.slice(-10));
  const minute = rates(seconds);
  return (
    <>
      <Tile to="/services" name="Traffic" value={measure(now.perSecond)} unit="requests / s">
        <Sparkline values={seconds.map(({ requests }) => requests)} className="absolute inset-x-0 bottom-0 h-9 w-full" />
      </Tile>
      <Tile
        to="/services"
        name="Server errors"
        value={share(minute.errors, minute.requests)}
        unit="of the last minute"
        tone={minute.errors > 0 && minute.errors / minute.requests > 0.05 ? 'text-fault' : undefined}
      >
        <span className="mt-auto text-faint text-xs">
          {count(minute.errors)} of {count(minute.requests)} requests
        </span>
      </Tile>
    </>
  );
}

/** Open alerts, with the shares of their severities. */
export function ReviewTile({ overview }: { overview: Overview }) {
  const { bySeverity, openAlerts, acknowledgedAlerts } = overview;
  const worst = downwards.filter((severity) => bySeverity[severity] > 0);
  return (
    <Tile to="/alerts" search={{ state: 'open' }} name="To review" value={count(openAlerts)} unit="open">
      <span className="mt-auto mb-1.5">
        <SeverityBar counts={bySeverity} />
      </span>
      <span className="text-faint text-xs">
        {worst.length
          ? worst.map((severity) => `${count(bySeverity[severity])} ${severityNames[severity].toLowerCase()}`).join(' · ')
          : `${count(acknowledgedAlerts)} acknowledged`}
      </span>
    </Tile>
  );
}

export function HeldTile({ overview }: { overview: Overview }) {
  return (
    <Tile
      to="/decisions"
      name="Held back now"
      value={count(overview.throttled + overview.challenged + overview.blocked)}
      unit="in force"
    >
      <span className="mt-auto flex gap-4 text-xs">
        <span className="text-medium">
          <span className="font-semibold">{count(overview.throttled)}</span> throttled
        </span>
        {overview.challenged > 0 && (
          <span className="text-accent">
            <span className="font-semibold">{count(overview.challenged)}</span> challenged
          </span>
        )}
        <span className="text-critical">
          <span className="font-semibold">{count(overview.blocked)}</span> blocked
        </span>
      </span>
    </Tile>
  );
}

export const TileSkeleton = () => <Skeleton className="min-h-28 rounded-lg" />;
