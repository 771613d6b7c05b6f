/** How many requests over time. A click on a column, or a stretch drawn over several, narrows the search to it. */
import { useQuery } from '@tanstack/react-query';
import { ZoomOut } from 'lucide-react';
import { ChartFrame } from '../charts/frame.js';
import { HistogramChart } from '../charts/lazy.js';
import { Legend } from '../charts/legend.js';
import { histogramParts } from '../charts/style.js';
import { clockMinute, dayName, exact } from '../format.js';
import { type HistoryFilters, histogramQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';

interface HistogramPanelProps {
  filter: HistoryFilters;
  onNarrow: (from: number, to: number) => void;
}

const legend = histogramParts.map(({ label: name, colour }) => ({ name, colour, area: true }));
const stamp = (ts: number) => `${dayName(ts)}, ${clockMinute(ts)}`;

export function HistogramPanel({ filter, onNarrow }: HistogramPanelProps) {
  useZone();
  const query = useQuery(histogramQuery(filter));
  const { from, to } = filter;
  const total = query.data?.requests ?? 0;
  const counted = query.data ?? filter;
  const wider = () => onNarrow(Math.max(0, Math.round(from - (to - from) / 2)), Math.round(to + (to - from) / 2));
  return (
    <Panel
      title="Over time"
      actions={
        <>
          <Legend entries={legend} className="mr-2 max-sm:hidden" />
          <span className="text-faint text-xs">
            {stamp(counted.from)} to {stamp(counted.to)}
          </span>
          <Button size="sm" onClick={wider}>
            <ZoomOut aria-hidden className="size-3.5" /> Wider
          </Button>
        </>
      }
    >
      <ChartFrame
        heightPx={168}
        loading={query.isPending}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        empty={total === 0 ? 'No requests in this time' : undefined}
        summary={`${exact(total)} requests from ${stamp(counted.from)} to ${stamp(counted.to)}.`}
      >
        <HistogramChart buckets={query.data?.buckets ?? []} bucketMs={query.data?.bucketMs ?? 1} onNarrow={onNarrow} />
      </ChartFrame>
    </Panel>
  );
}
