/** The first screen: is something wrong, how much, and where. */
import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../queries.js';
import { Page, Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { Latest } from './latest.js';
import { ServicesPanel } from './services-panel.js';
import { HeldTile, LiveTiles, ReviewTile, TileSkeleton } from './tiles.js';
import { TrafficPanel } from './traffic-panel.js';

export function OverviewPage() {
  const query = useQuery(overviewQuery);
  const overview = query.data;
  return (
    <Page title="Overview">
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
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]">
          <Latest />
          {overview ? (
            <ServicesPanel services={overview.services} />
          ) : (
            <Panel title="Services">
              {query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonRows rows={4} />}
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}
