/** The instances of a service that have told what they enforce: how far the newest decision has come, who is behind or gone. */
import { hasVanished, type Instance } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Unplug } from 'lucide-react';
import { useMemo } from 'react';
import { exact } from '../format.js';
import { instancesQuery } from '../queries.js';
import { Badge } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago, useNow } from '../ui/time.js';
import { Troubles } from './reach-line.js';
import { reachText } from './reach-words.js';

/** Those that are behind come first; a longer table would push the rest of the page away. */
const SHOWN = 8;

export function InstancesPanel({ service }: { service: string }) {
  const query = useQuery(instancesQuery(service));
  const newest = query.data?.reach.version ?? 0;
  const columns = useMemo(() => columnsWith(newest), [newest]);
  const rows = useMemo(() => inOrder(query.data?.items ?? [], newest).slice(0, SHOWN), [query.data, newest]);
  return (
    <Panel title="Instances">
      {query.isPending ? (
        <SkeletonRows rows={2} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty icon={Unplug} title="No instance is connected">
          An API with the SDK in it shows here a moment after it has started, with the decisions that it enforces.
        </Empty>
      ) : (
        <>
          <div className="space-y-1 border-b px-4 py-2.5">
            <p className="text-sm">
              Newest decisions (version {newest}): {reachText(query.data.reach)}
            </p>
            <Troubles reach={query.data.reach} />
          </div>
          <DataTable label="Instances" columns={columns} rows={rows} rowId={({ id }) => id} />
          {query.data.items.length > SHOWN && (
            <p className="px-4 py-2 text-faint text-xs">{exact(query.data.items.length - SHOWN)} more are not listed.</p>
          )}
        </>
      )}
    </Panel>
  );
}

/** Those that are behind first, then by name. */
const inOrder = (items: readonly Instance[], newest: number): Instance[] =>
  [...items].sort((a, b) => Number(a.version >= newest) - Number(b.version >= newest));

const helper = columnsFor<Instance>();

function columnsWith(newest: number) {
  return helper.columns([
    helper.accessor('name', {
      header: 'Instance',
      cell: ({ row: { original } }) => (
        <span className="block min-w-0 break-all">
          <span className="font-medium">{original.name}</span>
          <span className="block whitespace-nowrap text-faint text-xs">
            SDK {original.sdk} · {original.via}
          </span>
        </span>
      ),
    }),
    helper.accessor('version', {
      header: 'Enforces',
      cell: ({ row: { original } }) => <Standing instance={original} newest={newest} />,
    }),
    helper.accessor('seenAt', { header: 'Seen', meta: { end: true }, cell: ({ getValue }) => <Ago ts={getValue()} /> }),
  ]);
}

function Standing({ instance, newest }: { instance: Instance; newest: number }) {
  const now = useNow();
  if (hasVanished(instance, now)) return <Badge className="bg-high/14 text-high">vanished</Badge>;
  if (instance.version >= newest) return <Badge className="bg-good/12 text-good">version {instance.version}</Badge>;
  return <Badge className="bg-medium/14 text-medium">version {instance.version}, behind</Badge>;
}
