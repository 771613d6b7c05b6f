/** The first screen: is something wrong, how much, and where. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../queries.js';
import { Page, Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { DeviatingPanel } from './deviating-panel.js';
import { FirstSteps } from './first-steps.js';
import { HeldPanel } from './held-panel.js';
import { KindsPanel } from './kinds-panel.js';
import { Latest } from './latest.js';
import { PipelinePanel } from './pipeline-panel.js';
import { ServicesPanel } from './services-panel.js';
import { HeldTile, LiveTiles, ReviewTile, TileSkeleton } from './tiles.js';
import { TrafficPanel } from './traffic-panel.js';

/** A panel of the overview before its answer, or without one. */
const Waiting = ({ title, query }: { title: string; query: UseQueryResult }) => (
  <Panel title={title}>
    {query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonRows rows={4} />}
  </Panel>
);

export function OverviewPage() {
  const query = useQuery(overviewQuery);
  const overview = query.data;
  return (
    <Page title="Overview">
      <FirstSteps />
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <LiveTiles />
        {overview ? (
          <>
            <ReviewTile overview={overview} />
            <HeldTile overview={overview} />
          </>
        ) : (
          <>
            <TileSkeleton />
            <TileSkeleton />
          </>
        )}
      </div>
      <div className="mt-4 space-y-4">
        <TrafficPanel />
        <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
          <Latest />
          {overview ? <KindsPanel kinds={overview.byKind} /> : <Waiting title="Open alerts by kind" query={query} />}
          <DeviatingPanel />
          <HeldPanel />
          <PipelinePanel />
          {overview ? <ServicesPanel services={overview.services} /> : <Waiting title="Services" query={query} />}
        </div>
      </div>
    </Page>
  );
}
