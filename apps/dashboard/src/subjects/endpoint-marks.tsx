/** What of an endpoint is worth a look: new, unused, risky. Each mark says why. */
import type { EndpointSummary, Service } from '@plimsoll/contracts';
import { share } from '../format.js';
import { Badge } from '../ui/badge.js';

const WEEK_MS = 7 * 86_400_000;
/** The endpoints of a service's first day were there before it was protected. */
const DAY_MS = 86_400_000;
/** Below so many requests a share says nothing. */
const FEW = 50;
const MANY_CLIENT_ERRORS = 0.2;
const MANY_SERVER_ERRORS = 0.05;

export interface Mark {
  name: 'new' | 'unused' | 'risky';
  why: string;
}

/** @param now milliseconds since the epoch */
export function marksOf(
  { endpoint, requests, errors, clientErrors, firstAt, lastAt }: EndpointSummary,
  { createdAt, settings }: Pick<Service, 'createdAt' | 'settings'>,
  now: number,
): Mark[] {
  const isNew = now - firstAt < WEEK_MS && firstAt - createdAt > DAY_MS;
  const risks = [
    settings.endpoints.some((each) => each.endpoint === endpoint && each.sensitive) && 'the settings call it sensitive',
    requests >= FEW && clientErrors / requests >= MANY_CLIENT_ERRORS && `${share(clientErrors, requests)} client errors`,
    requests >= FEW && errors / requests >= MANY_SERVER_ERRORS && `${share(errors, requests)} server errors`,
  ].filter((risk) => risk !== false);
  return [
    ...(isNew ? [{ name: 'new', why: 'first seen within the last week' } as const] : []),
    ...(now - lastAt >= WEEK_MS ? [{ name: 'unused', why: 'no request for a week' } as const] : []),
    ...(risks.length > 0 ? [{ name: 'risky', why: risks.join('; ') } as const] : []),
  ];
}

const looks: Record<Mark['name'], string> = {
  new: 'bg-accent/12 text-accent',
  unused: '',
  risky: 'bg-high/14 text-high',
};

export function Marks({ marks, none }: { marks: readonly Mark[]; none?: string }) {
  if (marks.length === 0) return none ? <span className="text-faint">{none}</span> : null;
  return (
    <span className="inline-flex flex-wrap gap-1">
      {marks.map(({ name, why }) => (
        <Badge key={name} className={looks[name]}>
          <span title={why}>{name}</span>
          <span className="sr-only">: {why}</span>
        </Badge>
      ))}
    </span>
  );
}
