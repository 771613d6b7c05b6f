/** One backtest: how far it is, or what came of it. */
import type { BacktestResult, WarmUp } from '@plimsoll/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { duration, exact, moment } from '../format.js';
import { backtestQuery, backtestsQuery } from '../queries.js';
import { queryClient } from '../query-client.js';
import { useZone } from '../reader.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { kindNames } from '../words.js';
import { AlertsCompared, DecisionsCompared } from './compared.js';
import { changesText, Progress, StateWord } from './progress.js';

export function BacktestDetail({ id }: { id: string }) {
  useZone();
  const query = useQuery(backtestQuery(id));
  const cancelling = useMutation({
    mutationFn: () => callOperation('cancelBacktest', { params: { id } }),
    onSettled: () =>
      Promise.all(
        [backtestQuery(id), backtestsQuery].map(({ queryKey }) => queryClient.invalidateQueries({ queryKey: [...queryKey] })),
      ),
  });
  if (query.isPending) return <SkeletonRows rows={8} />;
  if (query.isError && !query.data) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const { backtest, result } = query.data;
  const waits = backtest.state === 'queued' || backtest.state === 'running';
  return (
    <div className="space-y-4">
      <Panel
        title={`Backtest of ${backtest.service}`}
        actions={
          <>
            <StateWord state={backtest.state} />
            {waits && (
              <Button size="sm" busy={cancelling.isPending} onClick={() => cancelling.mutate()}>
                Cancel
              </Button>
            )}
          </>
        }
      >
        <div className="space-y-1.5 px-4 py-3 text-sm">
          <p>
            {moment(backtest.from)} to {moment(backtest.to)}: {changesText(backtest)}, policy {backtest.policy}.
          </p>
          <p className="text-faint text-xs">Asked for by {backtest.createdBy}.</p>
          {backtest.state === 'queued' && <p className="text-muted">It waits for its turn: one runs at a time.</p>}
          {backtest.state === 'running' && <Progress backtest={backtest} />}
          {backtest.fault !== null && <p role="alert">{backtest.fault}</p>}
          {cancelling.isError && <Failure error={cancelling.error} className="py-2" />}
          {Object.keys(backtest.settings).length > 0 && (
            <pre className="overflow-x-auto whitespace-pre-wrap break-words rounded-md bg-sunken p-2 font-mono text-xs">
              {JSON.stringify(backtest.settings, null, 2)}
            </pre>
          )}
        </div>
      </Panel>
      {result && <Result result={result} />}
    </div>
  );
}

function Result({ result }: { result: BacktestResult }) {
  useZone();
  const { alerts, decisions, refused, kinds } = result;
  return (
    <>
      <Panel title="What would differ">
        <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 py-3 sm:grid-cols-4">
          <Figure name="Alerts that come" value={alerts.come.total} />
          <Figure name="Alerts that go" value={alerts.go.total} />
          <Figure name="Alerts that stay" value={alerts.stay + alerts.change.total} />
          <Figure name="Decisions that come" value={decisions.come.total} />
          <Figure name="Decisions that go" value={decisions.go.total} />
          <Figure name="Refused in the live run" value={refused.live} />
          <Figure name="Refused by these settings" value={refused.backtest} />
          <Figure name="Requests" value={result.requests} />
        </dl>
        <p className="border-t px-4 py-2 text-faint text-xs">
          {warmUpText(result.warmUp)} {result.missing > 0 && `The history lacks ${exact(result.missing)} requests of that time. `}
          {result.cut !== undefined &&
            `${exact(result.cut)} alerts and decisions were too many to be compared: what comes and goes may be wrong. `}
          It took {duration(result.seconds)}.
        </p>
      </Panel>
      {kinds.length > 0 && (
        <Panel title="By kind">
          <div className="overflow-x-auto">
            <table aria-label="Alerts by kind" className="w-full text-sm">
              <thead>
                <tr className="text-left text-faint text-xs">
                  {['Kind', 'Live', 'Backtest', 'Come', 'Go'].map((name) => (
                    <th key={name} scope="col" className="px-4 py-2 font-medium">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {kinds.map((each) => (
                  <tr key={each.kind} className="border-t">
                    <th scope="row" className="px-4 py-1.5 text-left font-normal">
                      {kindNames[each.kind]}
                    </th>
                    {[each.live, each.backtest, each.come, each.go].map((value, index) => (
                      <td key={['live', 'backtest', 'come', 'go'][index]} className="px-4 py-1.5">
                        {exact(value)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
      <AlertsCompared title="Alerts that would come" {...alerts.come} />
      <AlertsCompared title="Alerts that would go" {...alerts.go} />
      <AlertsCompared title="Alerts of another severity" {...alerts.change} />
      <DecisionsCompared title="Decisions that would come" {...decisions.come} />
      <DecisionsCompared title="Decisions that would go" {...decisions.go} />
    </>
  );
}

const Figure = ({ name, value }: { name: string; value: number }) => (
  <div className="flex flex-col-reverse">
    <dt className="text-faint text-xs">{name}</dt>
    <dd className="font-semibold text-lg">{exact(value)}</dd>
  </div>
);

function warmUpText(warmUp: WarmUp): string {
  if (warmUp.from === 'nothing') return 'The model began knowing nothing.';
  const what = warmUp.from === 'snapshot' ? 'a copy of what was learnt by' : 'a warm-up over the history from';
  return `The model began with ${what} ${moment(warmUp.at)}, ${exact(warmUp.requests)} requests before the first that counts.`;
}
