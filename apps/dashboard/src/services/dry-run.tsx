/** The dry run of a service: whom its policy would have held back in the last week, and the click that enforces it or stops it. */
import type { Service } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { count } from '../format.js';
import { dryRunQuery } from '../queries.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { NotRead } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { subjectTypeName } from '../words.js';
import { useUpdateService } from './use-update-service.js';

const SHOWN = 8;

interface DryRunProps {
  service: Service;
  editable: boolean;
}

export function DryRun({ service, editable }: DryRunProps) {
  const update = useUpdateService(service.id);
  const turn = (dryRun: boolean) =>
    update.mutate(
      { dryRun },
      {
        onSuccess: () =>
          toast.success(dryRun ? 'Dry run' : 'Enforcing', {
            description: dryRun ? `${service.id}: what the policy had in force is lifted` : `${service.id}: from now on`,
          }),
        onError: (error) => toast.error('Not changed', { description: error.message }),
      },
    );
  if (!service.dryRun) {
    return (
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-3 text-sm">
        <p className="min-w-0 flex-1 basis-48">
          <span className="font-medium text-good">Enforcing.</span> What the policy decides reaches the bouncers.
        </p>
        {editable && (
          <Button size="sm" busy={update.isPending} onClick={() => turn(true)}>
            Back to a dry run
          </Button>
        )}
      </div>
    );
  }
  return (
    <div className="border-b bg-sunken/60 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
        <p className="min-w-0 flex-1 basis-48">
          <span className="font-medium">Dry run.</span> The policy holds nobody back; it only says whom it would.
        </p>
        {editable && (
          <Button size="sm" look="primary" busy={update.isPending} onClick={() => turn(false)}>
            Enforce
          </Button>
        )}
      </div>
      <WouldHave service={service.id} />
    </div>
  );
}

function WouldHave({ service }: { service: string }) {
  const { data, error } = useQuery(dryRunQuery(service));
  if (!data) return error && <NotRead error={error} />;
  return (
    <>
      <p className="mt-3 font-medium text-sm">
        Would have blocked {count(data.blocked)}, throttled {count(data.throttled)} in the last 7 days
      </p>
      {data.subjects.length > 0 && (
        <ul className="mt-1.5 space-y-1.5 text-xs">
          {data.subjects.slice(0, SHOWN).map(({ subject, blocks, throttles, lastAt, alertId, reason }) => (
            <li key={`${subject.type} ${subject.id}`} className="flex items-baseline gap-2" title={reason}>
              <span className="min-w-0 flex-1 truncate">
                <span className="text-faint">{subjectTypeName(subject.type)}</span>{' '}
                {alertId ? (
                  <Link to="/alerts/$id" params={{ id: alertId }} className="font-medium hover:text-accent hover:underline">
                    {subject.id}
                  </Link>
                ) : (
                  <span className="font-medium">{subject.id}</span>
                )}
              </span>
              <span className="shrink-0 text-muted">{timesText(blocks, throttles)}</span>
              <Ago ts={lastAt} className="shrink-0 text-faint" />
            </li>
          ))}
        </ul>
      )}
      {data.subjects.length > 0 && (
        <Link
          to="/decisions"
          search={{ show: 'dry-run' }}
          className="mt-2 inline-block font-medium text-accent text-xs hover:underline"
        >
          All that the dry run decided
        </Link>
      )}
    </>
  );
}

const timesText = (blocks: number, throttles: number): string =>
  [blocks > 0 && `${count(blocks)} × block`, throttles > 0 && `${count(throttles)} × throttle`].filter(Boolean).join(', ');
