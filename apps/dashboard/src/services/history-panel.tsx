/** What is kept of a service's requests, and for how long; shortening that deletes, so that it is asked for once more. */
import type { HistoryCoverage, Service } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { exact, moment } from '../format.js';
import { historyQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/confirm.js';
import { Facts } from '../ui/facts.js';
import { Field, Input } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { faultOfDays, forgetsSooner, keptText, readDays } from './history-days.js';
import { useUpdateService } from './use-update-service.js';

interface HistoryPanelProps {
  service: Service;
  /** Only owners change for how long. */
  editable: boolean;
}

export function HistoryPanel({ service, editable }: HistoryPanelProps) {
  const query = useQuery(historyQuery(service.id));
  return (
    <Panel title="Request history">
      {query.isPending ? (
        <SkeletonRows rows={1} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <>
          <Kept service={service.id} coverage={query.data} />
          {editable ? (
            <DaysForm key={service.historyDays} service={service} />
          ) : (
            <p className="border-t px-4 py-3 text-sm">{keptText(service.historyDays)}</p>
          )}
        </>
      )}
    </Panel>
  );
}

function Kept({ service, coverage: { state, reason, requests, oldest } }: { service: string; coverage: HistoryCoverage }) {
  useZone();
  if (state !== 'on') return <p className="px-4 py-3 text-muted text-sm">{reason}</p>;
  if (requests === 0 || oldest === null) return <p className="px-4 py-3 text-muted text-sm">No request is kept yet.</p>;
  return (
    <div className="px-4 py-3">
      <Facts
        facts={[
          ['Requests', exact(requests)],
          ['Since', moment(oldest)],
        ]}
      />
      <Link to="/investigate" search={{ service }} className="mt-2 inline-block font-medium text-accent text-sm hover:underline">
        Investigate
      </Link>
    </div>
  );
}

function DaysForm({ service }: { service: Service }) {
  const [typed, setTyped] = useState(service.historyDays === null ? '' : String(service.historyDays));
  const [asked, setAsked] = useState(false);
  const update = useUpdateService(service.id);
  const days = readDays(typed);
  const fault = faultOfDays(days);
  const save = () =>
    update.mutate(
      { historyDays: days },
      {
        onSuccess: () => toast.success('Saved', { description: `${service.id}: ${keptText(days)}` }),
        onError: (error) => toast.error('Not saved', { description: error.message }),
        onSettled: () => setAsked(false),
      },
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fault !== undefined) return;
    if (forgetsSooner(service.historyDays, days)) setAsked(true);
    else save();
  };
  return (
    <form onSubmit={submit} className="flex items-start gap-3 border-t px-4 py-3">
      <Field
        className="min-w-0 flex-1"
        label="Kept for, in days"
        fault={fault}
        hint="After their receipt. Empty: as the installation says (PLIMSOLL_HISTORY_DAYS)."
      >
        {(ids) => (
          <Input
            {...ids}
            inputMode="numeric"
            autoComplete="off"
            placeholder="as the installation says"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <Button
        type="submit"
        className="mt-5"
        disabled={fault !== undefined || days === service.historyDays}
        busy={update.isPending}
      >
        Save
      </Button>
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title="Keep requests for a shorter time?"
        description={`${keptText(days)} What is older is deleted for good within some minutes, and no alert can show it any more.`}
        act="Save and delete"
        mutation={update}
        onConfirm={save}
      />
    </form>
  );
}
