/** The frame of every chart: its height, and what stands there while there is no chart. One place for all states. */
import { ChartLine } from 'lucide-react';
import { type ReactNode, Suspense } from 'react';
import { Empty, Failure, Skeleton } from '../ui/states.js';

interface ChartFrameProps {
  /** What the chart shows, in a sentence with its numbers: the text alternative. */
  summary: string;
  heightPx: number;
  loading?: boolean;
  error?: Error | null;
  retry?: () => void;
  /** Said where there is nothing to draw. */
  empty?: string | undefined;
  children: ReactNode;
}

export function ChartFrame({ summary, heightPx, loading, error, retry, empty, children }: ChartFrameProps) {
  const waiting = (
    <div role="status" aria-label="Loading" className="flex h-full items-end gap-2 p-4">
      <Skeleton className="h-full w-full" />
    </div>
  );
  return (
    <div style={{ height: heightPx }}>
      {error ? (
        <Failure error={error} retry={retry} className="h-full py-0" />
      ) : loading ? (
        waiting
      ) : empty ? (
        <Empty icon={ChartLine} title={empty} className="h-full py-0" />
      ) : (
        <div role="img" aria-label={summary} className="h-full">
          <Suspense fallback={waiting}>{children}</Suspense>
        </div>
      )}
    </div>
  );
}
