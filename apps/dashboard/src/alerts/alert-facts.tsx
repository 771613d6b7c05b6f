/** What an alert rests on: figures, evidence, signals, and what people did about it. */
import type { Alert, Evidence, Signal } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { count, duration, measure, moment, percent, scaleOf, share } from '../format.js';
import { useZone } from '../reader.js';
import { Panel } from '../ui/panel.js';
import { Ago, Moment } from '../ui/time.js';
import { kindMeanings, kindNames, subjectTypeName, verdictMeanings, verdictNames } from '../words.js';
import { contributionsOf } from './severity-words.js';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-3 border-b px-4 py-2 last:border-b-0">
      <dt className="w-24 shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 flex-1 break-words">{children}</dd>
    </div>
  );
}

export function AlertFacts({ alert }: { alert: Alert }) {
  useZone();
  const { evidence } = alert;
  return (
    <Panel title="Facts">
      <dl className="text-sm">
        <Fact name="Kind">
          {kindNames[alert.kind]}
          <span className="block text-faint text-xs">{kindMeanings[alert.kind]}</span>
        </Fact>
        <Fact name="Service">
          <Link to="/services/$id" params={{ id: alert.service }} className="text-accent hover:underline">
            {alert.service}
          </Link>
        </Fact>
        <Fact name="About">
          <SubjectLink alert={alert} />
        </Fact>
        <Fact name="Endpoint">
          {alert.endpoint ? <EndpointLink service={alert.service} endpoint={alert.endpoint} /> : 'not about one endpoint'}
        </Fact>
        <Fact name="Evidence">
          <EvidenceText evidence={evidence} />
        </Fact>
        <Fact name="Requests">{count(alert.count)}</Fact>
        <Fact name="First">
          <Moment ts={alert.firstAt} />
        </Fact>
        <Fact name="Last">
          <Ago ts={alert.lastAt} />
          <span className="text-faint"> · lasted {duration((alert.lastAt - alert.firstAt) / 1000)}</span>
        </Fact>
        <Fact name="Behaviour">{alert.endedAt === null ? 'goes on' : <Ended at={alert.endedAt} />}</Fact>
        {alert.provedAt !== null && (
          <Fact name="Proof">
            The user proved itself at {moment(alert.provedAt)}
            <span className="block text-faint text-xs">
              {alert.lastAt > alert.provedAt
                ? 'It went on after that: the proof says who it is, not that it is harmless.'
                : 'This speaks for a false positive; the verdict stays with you.'}
            </span>
          </Fact>
        )}
        <Settled alert={alert} />
      </dl>
    </Panel>
  );
}

function EvidenceText({ evidence: { own, population, weight } }: { evidence: Evidence }) {
  if (own <= 0 && population <= 0) return 'a limit that is the same for everybody';
  const windows = `${measure(own)} own ${own === 1 ? 'window' : 'windows'}`;
  if (population <= 0) return windows;
  return (
    <>
      {windows}, {measure(population)} of peers
      <span className="block text-faint text-xs">{share(weight, 1)} of the expectation is its own past</span>
    </>
  );
}

const EndpointLink = ({ service, endpoint }: { service: string; endpoint: string }) => (
  <Link
    to="/services/$id"
    params={{ id: service }}
    search={{ endpoint }}
    className="line-clamp-4 break-all font-mono text-accent text-xs hover:underline"
    title={endpoint}
  >
    {endpoint}
  </Link>
);

/** Leads to the page of whoever the alert is about, and to all that was said of it. */
function SubjectLink({ alert: { service, subject } }: { alert: Alert }) {
  const name = `${subjectTypeName(subject.type)} `;
  if (subject.type === 'service') return 'the service as a whole';
  if (subject.type === 'endpoint') return 'the endpoint as a whole';
  return (
    <>
      {name}
      <Link
        to="/subject"
        search={{ service, type: subject.type, id: subject.id }}
        title={subject.id}
        className="line-clamp-3 break-all font-mono text-accent text-xs hover:underline"
      >
        {subject.id}
      </Link>
      <Link
        to="/alerts"
        search={{ service, subject: subject.id, state: 'all' }}
        className="block py-1 text-accent text-xs hover:underline"
      >
        All alerts about it
      </Link>
    </>
  );
}

const Ended = ({ at }: { at: number }) => (
  <>
    stopped <Ago ts={at} />
  </>
);

function Settled({ alert }: { alert: Alert }) {
  return (
    <>
      {alert.acknowledgedAt !== null && (
        <Fact name="Acknowledged">
          by {alert.acknowledgedBy ?? 'somebody'}, <Ago ts={alert.acknowledgedAt} />
        </Fact>
      )}
      {alert.resolvedAt !== null && (
        <Fact name="Resolved">
          by {alert.resolvedBy ?? 'somebody'}, <Ago ts={alert.resolvedAt} />
        </Fact>
      )}
      {alert.verdict && (
        <Fact name="Verdict">
          {verdictNames[alert.verdict]}
          <span className="block text-faint text-xs">{verdictMeanings[alert.verdict].effect}</span>
        </Fact>
      )}
      {alert.note && <Fact name="Note">{alert.note}</Fact>}
    </>
  );
}

/** The figures that the chart shows, in words and large. */
export function Figures({ alert, population }: { alert: Alert; population?: number | undefined }) {
  const figures = [
    { name: 'Observed', value: alert.observed, look: 'text-accent' },
    { name: 'Expected', value: alert.expected, look: 'text-muted' },
    ...(population === undefined ? [] : [{ name: 'Population', value: population, look: 'text-muted' }]),
    { name: 'Limit', value: alert.limit, look: 'text-critical' },
  ];
  const { text, per } = scaleOf(alert.unit, alert.windowSeconds);
  return (
    <div className="flex flex-wrap items-baseline gap-x-6 gap-y-1 px-4 pt-3">
      <dl className="flex flex-wrap items-baseline gap-x-6 gap-y-1">
        {figures.map(({ name, value, look }) => (
          <div key={name} className="flex items-baseline gap-1.5">
            <dt className="text-faint text-xs">{name}</dt>
            <dd className={`font-semibold text-xl tracking-tight ${look}`}>{text(value)}</dd>
          </div>
        ))}
      </dl>
      <span className="text-faint text-xs">{per}</span>
    </div>
  );
}

/** A signal is named after its unit, as in `bytes in 3600 s`. */
function signalText({ name, observed, expected }: Signal): string {
  const { text } = scaleOf(name, 0);
  return `${text(observed)} against ${text(expected)}`;
}

/** Each measure's surprise with its share of the whole, the strongest first. */
export function Signals({ signals }: { signals: readonly Signal[] }) {
  if (signals.length === 0) return null;
  return (
    <Panel title="Signals" actions={<span className="text-faint text-xs">shares of the surprise</span>}>
      <ul aria-label="Signals">
        {contributionsOf(signals).map((signal) => (
          <li key={signal.name} className="border-b px-4 py-2 last:border-b-0">
            <p className="flex items-baseline justify-between gap-3 text-sm">
              <span className="min-w-0 truncate">{signal.name}</span>
              <span className="shrink-0 font-medium">{percent(signal.share)}</span>
            </p>
            <p className="text-muted text-xs">{signalText(signal)}</p>
            <span aria-hidden className="mt-1.5 block h-1 overflow-hidden rounded-full bg-sunken">
              <span className="block h-full rounded-full bg-accent" style={{ width: percentOf(signal.share) }} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** For the style sheet, which reads no locale's digits. */
const percentOf = (part: number): string => `${Math.round(100 * part)}%`;
