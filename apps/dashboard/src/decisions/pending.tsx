/**
 * Blocks that wait for a person, since policies would block more of the live traffic at once than the service allows: the
 * banner that says so on every page, and the answers, for one or for all of a service.
 */
import type { Decision } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { useConfirm, useLift, useSettlePending } from '../actions.js';
import { useMayAllIn, useMayIn } from '../allowed.js';
import { count } from '../format.js';
import { overviewQuery } from '../queries.js';
import { Button } from '../ui/button.js';
import { subjectText } from '../words.js';

/** `1 block waits`. */
export const waitingText = (blocks: number): string => (blocks === 1 ? '1 block waits' : `${count(blocks)} blocks wait`);

export function PendingBanner() {
  const { data } = useQuery(overviewQuery);
  if (!data?.pending) return null;
  return (
    <Link
      to="/decisions"
      search={{ show: 'pending' }}
      className="flex items-center gap-2.5 border-critical/30 border-b bg-critical/10 px-4 py-2 text-critical text-sm hover:bg-critical/15 sm:px-6"
    >
      <Hourglass aria-hidden className="size-4 shrink-0" />
      <span>
        <span className="font-semibold">{waitingText(data.pending)} for a person.</span> Together they would stop more of the live
        traffic than policies may by themselves.
      </span>
    </Link>
  );
}

export function PendingActs({ decision }: { decision: Decision }) {
  const confirm = useConfirm();
  const lift = useLift();
  const may = useMayAllIn(decision.service);
  const busy = confirm.isPending || lift.isPending;
  const whom = subjectText(decision.subject);
  return (
    <span className="flex flex-col items-end justify-end gap-1.5 sm:flex-row">
      {may('decision.confirm') && (
        <Button size="sm" look="warning" busy={busy} aria-label={`Block ${whom}`} onClick={() => confirm.mutate(decision)}>
          Block
        </Button>
      )}
      {may('decision.lift') && (
        <Button
          size="sm"
          disabled={busy}
          aria-label={`Dismiss the block of ${whom}`}
          onClick={() => lift.mutate({ decision, reason: '' })}
        >
          Dismiss
        </Button>
      )}
    </span>
  );
}

/** One line for each service with more than one. */
export function PendingBars({ decisions }: { decisions: readonly Decision[] }) {
  const services = [...new Set(decisions.map(({ service }) => service))];
  return services.map((service) => (
    <PendingBar key={service} service={service} decisions={decisions.filter((each) => each.service === service)} />
  ));
}

function PendingBar({ service, decisions }: { service: string; decisions: readonly Decision[] }) {
  const settle = useSettlePending();
  const may = useMayIn(service, 'decision.settle');
  if (decisions.length < 2) return null;
  const sources = decisions.reduce((sum, { weight }) => sum + weight, 0);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border bg-surface px-4 py-2.5 text-sm shadow-card">
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-medium">{service}</span>: {waitingText(decisions.length)}, about {count(sources)} live sources. Who
        is listed is held to its learnt limit meanwhile.
      </p>
      {may && (
        <>
          <Button size="sm" look="warning" busy={settle.isPending} onClick={() => settle.mutate({ service, answer: 'confirm' })}>
            Block all of {service}
          </Button>
          <Button size="sm" disabled={settle.isPending} onClick={() => settle.mutate({ service, answer: 'dismiss' })}>
            Dismiss all of {service}
          </Button>
        </>
      )}
    </div>
  );
}
