/** The frame of every chart: its height, and what stands there while there is no chart. One place for all states. */
import { ChartLine } from 'lucide-react';
import type { ReactNode } from 'react';
import { Empty, Failure } from '../ui/states.js';
import { ChartWaiting } from './lazy.js';

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
  return (
    <div style={{ height: heightPx }}>
      {error ? (
        <Failure error={error} retry={retry} className="h-full py-0" />
      ) : loading ? (
        <ChartWaiting />
      ) : empty ? (
        <Empty icon={ChartLine} title={empty} className="h-full py-0" />
      ) : (
        <div role="img" aria-label={summary} className="h-full">
          {children}
        </div>
      )}
    </div>
  );
}
