/** What an edit would change: decisions of the record that come out otherwise, and cases that it breaks. */
import type { Simulation } from '@plimsoll/contracts';
import { count, moment } from '../format.js';
import { useZone } from '../reader.js';

export function SimulationView({ simulation }: { simulation: Simulation }) {
  useZone();
  const { decisions, since, flipped, flips, cases, locksOut } = simulation;
  const broken = cases.filter(({ expected, after }) => expected !== after);
  return (
    <div role="status" className="space-y-2 rounded-md border px-3 py-2.5 text-sm">
      <p>
        Of the last {count(decisions)} decisions{since !== null && ` (since ${moment(since)})`}{' '}
        <strong className="font-semibold">{flipped === 0 ? 'none comes' : `${count(flipped)} come`}</strong> out otherwise.{' '}
        {cases.length > 0 && `${count(cases.length - broken.length)} of ${count(cases.length)} cases hold.`}
      </p>
      {locksOut && (
        <p className="font-medium text-critical">Nobody could change the access policy any more: it will not be saved.</p>
      )}
      {broken.length > 0 && (
        <ul className="list-disc pl-5">
          {broken.map(({ id, name, expected, after }) => (
            <li key={id} className="font-medium text-critical">
              {name}: expected {expected}, would {after}
            </li>
          ))}
        </ul>
      )}
      {flips.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys as well
        <ul tabIndex={0} aria-label="Decisions that come out otherwise" className="max-h-64 divide-y overflow-auto">
          {flips.map(({ request, person, before, after, count: times }) => (
            <li key={`${request.principal.id}:${JSON.stringify(request)}`} className="flex flex-wrap gap-x-2 py-1.5">
              <span className="font-medium">{person}</span>
              <code className="font-mono text-xs">{request.action}</code>
              {'service' in request.resource && <span className="text-muted">{request.resource.service}</span>}
              <span className="ml-auto whitespace-nowrap">
                {before} → <strong className={after === 'deny' ? 'text-critical' : 'text-good'}>{after}</strong>
                {times > 1 && <span className="text-faint"> × {count(times)}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
