/** What a place shows while it has nothing to show: loading, empty, failed. */
import { CloudOff, type LucideIcon, RotateCw, SearchX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../http.js';
import { Button } from './button.js';
import { cn } from './cn.js';

export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={cn('animate-breathe rounded-md bg-line/70', className)} />
);

const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** Rows of a list that is on its way, at most 12. */
export function SkeletonRows({ rows = 6, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cn('space-y-3 p-4', className)}>
      {ROWS.slice(0, rows).map((row) => (
        <div key={row} className="flex items-center gap-3">
          <Skeleton className="size-4 shrink-0" />
          <div className="flex-1 space-y-1.5">
            <Skeleton className="h-3 w-2/5" />
            <Skeleton className="h-2.5 w-3/4" />
          </div>
          <Skeleton className="h-3 w-14" />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  className?: string;
}

/** The title is no heading: an empty list is not a section of the page. */
export function Empty({ icon: Icon, title, children, className }: EmptyProps) {
  return (
    <div className={cn('flex flex-col items-center justify-center gap-2 px-6 py-14 text-center', className)}>
      <div className="rounded-full border border-line bg-sunken p-2.5 text-faint">
        <Icon aria-hidden className="size-5" strokeWidth={1.75} />
      </div>
      <p className="font-medium text-ink">{title}</p>
      {children && <div className="max-w-md text-muted text-sm">{children}</div>}
    </div>
  );
}

/** A list in which the filters leave nothing, and the way back to all of it. */
export const NoMatch = ({ title = 'Nothing matches these filters', onClear }: { title?: string; onClear: () => void }) => (
  <Empty icon={SearchX} title={title}>
    <p>With other filters, or none, there may be something.</p>
    <Button size="sm" className="mt-2" onClick={onClear}>
      Reset filters
    </Button>
  </Empty>
);

/** A line where a figure would stand that could not be read: nothing there would mean that there is none. */
export const NotRead = ({ error }: { error: Error }) => (
  <span role="alert" className="block text-critical text-xs">
    Not known now: {error.message}
  </span>
);

/** An error as the server described it, with its request id for the log, and a way to try again. */
export function Failure({ error, retry, className }: { error: Error; retry?: (() => void) | undefined; className?: string }) {
  const problem = error instanceof ApiError && error.fault.type === 'problem' ? error.fault.problem : undefined;
  const offline = error instanceof ApiError && (error.fault.type === 'unreachable' || error.fault.type === 'offline');
  const Icon = offline ? CloudOff : TriangleAlert;
  return (
    <div role="alert" className={cn('flex flex-col items-center justify-center gap-2 px-6 py-12 text-center', className)}>
      <Icon aria-hidden className={cn('size-6', offline ? 'text-faint' : 'text-critical')} strokeWidth={1.75} />
      <p className="font-medium">{offline ? 'No connection to the server' : (problem?.title ?? 'That did not work')}</p>
      <p className="max-w-md text-muted text-sm">{error.message}</p>
      {problem?.errors?.map(({ field, reason }) => (
        <p key={`${field} ${reason}`} className="text-sm">
          <span className="font-mono text-xs">{field}</span>: {reason}
        </p>
      ))}
      {problem?.requestId && <p className="font-mono text-faint text-xs">Request {problem.requestId}</p>}
      {retry && (
        <Button size="sm" className="mt-2" onClick={retry}>
          <RotateCw aria-hidden className="size-3.5" /> Try again
        </Button>
      )}
    </div>
  );
}

interface FailureLineProps {
  /** What is not shown because of it. */
  what: string;
  query: { error: Error | null; data: unknown; refetch: () => unknown };
}

/** The same in a line, where the rest of a panel stands without it. Nothing while there is an answer to show. */
export function FailureLine({ what, query: { error, data, refetch } }: FailureLineProps) {
  if (!error || data !== undefined) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
      <span className="min-w-0 break-words text-critical">
        {what}: {error.message}
      </span>
      <Button size="sm" onClick={() => void refetch()}>
        Try again
      </Button>
    </div>
  );
}
