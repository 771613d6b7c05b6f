/** Whether requests get through to the alerts, and decisions to the APIs: lag, drops, room, instances with their receipts. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { exact } from '../format.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { pipelineQuery } from './overview-queries.js';
import { type Fact, flowFacts, receiptLook, receiptText } from './pipeline-words.js';

const dots: Record<Fact['look'], string> = { good: 'bg-good', warning: 'bg-medium', bad: 'bg-critical' };
const words: Record<Fact['look'], string> = { good: 'well', warning: 'to be looked at', bad: 'bad' };
const rowLook = 'relative flex items-start gap-3 border-b px-4 py-2 text-sm last:border-b-0 hover:bg-hover/60';
/** Services listed; the others are on their page. */
const SHOWN = 5;

const Dot = ({ look }: { look: Fact['look'] }) => (
  <span className={cn('mt-1.5 size-2 shrink-0 rounded-full', dots[look])}>
    <span className="sr-only">{words[look]}</span>
  </span>
);

export function PipelinePanel() {
  const query = useQuery(pipelineQuery);
  const pipeline = query.data;
  return (
    <Panel title="Pipeline">
      {pipeline ? (
        <ul aria-label="Health of the pipeline">
          {flowFacts(pipeline).map((fact) => (
            <FlowRow key={fact.name} fact={fact} />
          ))}
          {pipeline.services.slice(0, SHOWN).map((service) => (
            <li key={service.id} className={rowLook}>
              <Dot look={receiptLook(service)} />
              <span className="min-w-0 flex-1">
                <Link to="/services/$id" params={{ id: service.id }} className="block truncate after:absolute after:inset-0">
                  {service.id}
                </Link>
                <span className="block text-faint text-xs">{receiptText(service)}</span>
              </span>
              <span className="shrink-0 font-medium">
                {exact(service.instances)} {service.instances === 1 ? 'instance' : 'instances'}
              </span>
            </li>
          ))}
        </ul>
      ) : query.isError ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Panel>
  );
}

/** Opens to what it means: no page has more of it. */
const FlowRow = ({ fact: { name, value, note, look, help, more } }: { fact: Fact }) => (
  <li className="border-b last:border-b-0">
    <details>
      <summary className={cn(rowLook, 'cursor-pointer list-none border-b-0')}>
        <Dot look={look} />
        <span className="min-w-0 flex-1">
          {name}
          <span className="block text-faint text-xs">{note}</span>
        </span>
        <span className="shrink-0 font-medium">{value}</span>
      </summary>
      <p className="px-4 pb-2.5 pl-9 text-muted text-xs">
        {help}{' '}
        {more && (
          <Link to="/services" className="text-accent hover:underline">
            Services
          </Link>
        )}
      </p>
    </details>
  </li>
);
