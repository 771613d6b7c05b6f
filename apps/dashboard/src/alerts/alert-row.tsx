/** One alert in the list: who, what, where, since when; on the right what can be done at once. */
import { type Alert, MOST_IN_CAMPAIGN } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useMayAllIn } from '../allowed.js';
import { count, exact } from '../format.js';
import { SeverityMark, StateBadge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Ago } from '../ui/time.js';
import { kindNames, severityNames, subjectTypeName } from '../words.js';
import { excessShort } from './severity-words.js';

export interface RowActs {
  acknowledge: (alert: Alert) => void;
  resolve: (alert: Alert) => void;
  select: (alert: Alert) => void;
  /** Marks it or takes the mark away; `extend` marks all from the row that was marked last to this one. */
  mark: (alert: Alert, extend: boolean) => void;
}

interface AlertRowProps {
  alert: Alert;
  selected: boolean;
  marked: boolean;
  unseen: boolean;
  /** Alerts of its campaign that it stands for. */
  size: number;
  acts: RowActs;
}

export const linkId = (id: string): string => `alert-link-${id}`;

export const AlertRow = memo(function AlertRow({ alert, selected, marked, unseen, size, acts }: AlertRowProps) {
  const { subject } = alert;
  const excess = excessShort(alert);
  return (
    <div
      className={cn(
        'group relative flex h-full items-center gap-3 border-b px-4 transition-colors hover:bg-hover/70',
        marked && 'bg-accent/8',
        selected && 'bg-accent/6 before:absolute before:inset-y-0 before:left-0 before:w-0.5 before:bg-accent',
      )}
    >
      <input
        type="checkbox"
        aria-label={`Mark ${subjectTypeName(subject.type)} ${subject.id}`}
        checked={marked}
        onChange={() => {}}
        onClick={(event) => acts.mark(alert, event.shiftKey)}
        className="relative z-10 size-4 shrink-0 accent-accent"
      />
      <SeverityMark severity={alert.severity} />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-baseline gap-2">
          {unseen && <span aria-hidden className="size-1.5 shrink-0 self-center rounded-full bg-accent" />}
          <Link
            id={linkId(alert.id)}
            to="/alerts/$id"
            params={{ id: alert.id }}
            aria-label={`${unseen ? 'New, ' : ''}${severityNames[alert.severity]}, ${kindNames[alert.kind]}: ${subjectTypeName(subject.type)} ${subject.id}`}
            onFocus={() => acts.select(alert)}
            className="truncate font-medium text-sm after:absolute after:inset-0 focus-visible:outline-none"
          >
            <span className="font-normal text-faint">{subjectTypeName(subject.type)}</span> {subject.id}
          </Link>
          <span className="shrink-0 text-muted text-xs">
            {kindNames[alert.kind]}
            {excess && <span className="hidden text-faint sm:inline"> · {excess}</span>}
          </span>
          {size > 0 && <Campaign id={alert.id} size={size} />}
          {alert.assignee && <span className="shrink-0 text-faint text-xs">{alert.assignee.name}</span>}
          {alert.historical && <span className="shrink-0 text-faint text-xs">historical</span>}
          {alert.endpoint && alert.endpoint !== subject.id && (
            <span className="hidden truncate font-mono text-faint text-xs md:inline">{alert.endpoint}</span>
          )}
        </p>
        <p className="mt-0.5 line-clamp-2 text-muted text-xs sm:line-clamp-1">{alert.explanation}</p>
        <p className="mt-1 flex items-center gap-2 text-faint text-xs sm:hidden">
          <StateBadge state={alert.state} /> {alert.service} · <Ago ts={alert.lastAt} />
        </p>
      </div>
      <span className="hidden w-28 shrink-0 truncate text-muted text-xs lg:block">{alert.service}</span>
      <span className="hidden w-24 shrink-0 text-right text-faint text-xs sm:block">
        <Ago ts={alert.lastAt} className="block text-muted" />
        {count(alert.count)} requests
      </span>
      <span className="relative hidden w-44 shrink-0 items-center justify-end sm:flex">
        <span className="group-focus-within:invisible group-hover:invisible">
          <StateBadge state={alert.state} />
        </span>
        <RowButtons alert={alert} acts={acts} />
      </span>
    </div>
  );
});

function Campaign({ id, size }: { id: string; size: number }) {
  return (
    <Link
      from="/alerts"
      to="."
      search={({ state }) => ({ campaign: id, ...(state && { state }) })}
      className="relative z-10 shrink-0 rounded-sm bg-sunken px-1.5 text-muted text-xs hover:text-accent hover:underline"
    >
      +{exact(size)}
      {size < MOST_IN_CAMPAIGN ? ` ${size === 1 ? 'alert' : 'alerts'}` : ' alerts or more'}
    </Link>
  );
}

function RowButtons({ alert, acts }: { alert: Alert; acts: RowActs }) {
  const may = useMayAllIn(alert.service);
  if (alert.state === 'resolved') return null;
  return (
    <span className="absolute inset-y-0 right-0 z-10 flex items-center gap-1.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
      {alert.state === 'open' && may('alert.acknowledge') && (
        <Button size="sm" onClick={() => acts.acknowledge(alert)}>
          Acknowledge
        </Button>
      )}
      {may('alert.resolve') && (
        <Button size="sm" onClick={() => acts.resolve(alert)}>
          Resolve
        </Button>
      )}
    </span>
  );
}
