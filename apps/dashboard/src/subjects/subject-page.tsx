/** One actor, address or credential in one service: what it may do now, what is usual for it, whom it is met with, what was found. */
import type { DecisionAction, EnforceableSubject } from '@plimsoll/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { UserSearch } from 'lucide-react';
import { useState } from 'react';
import { AlertDecisions } from '../alerts/alert-decisions.js';
import { useMay, useMayIn } from '../allowed.js';
import { DecideDialog } from '../decisions/decide-dialog.js';
import { emptyDraft } from '../decisions/order.js';
import { detectionQuery } from '../detection/detection-query.js';
import { partyOf } from '../investigate/search.js';
import { isActive } from '../live-cache.js';
import { EraseDialog, RevealDialog } from '../overlays.js';
import { isPseudonym } from '../privacy/privacy-words.js';
import { decisionsQuery } from '../queries.js';
import { OneService } from '../services/one-service.js';
import { Button, buttonClass } from '../ui/button.js';
import { Page } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { useNow } from '../ui/time.js';
import { actionDone, subjectText } from '../words.js';
import { BaselinesPanel } from './baselines-panel.js';
import { ContactPanels } from './contacts-panel.js';
import { WeekPanel } from './heat-map.js';
import { roomLeft, stretchText } from './room-words.js';
import { SubjectAlerts } from './subject-alerts.js';
import { outlookQuery } from './subject-queries.js';

const route = getRouteApi('/signed-in/subject');

export function SubjectPage() {
  const { service, type, id } = route.useSearch();
  if (service === undefined || type === undefined || id === undefined) return <NoSubject />;
  const subject = { type, id };
  return (
    <Page
      title={subjectText(subject)}
      lead={
        <>
          in{' '}
          <Link to="/services/$id" params={{ id: service }} className="text-accent hover:underline">
            {service}
          </Link>
        </>
      }
      actions={<Actions service={service} subject={subject} />}
    >
      <OneService id={service}>
        {() => (
          <>
            <Now service={service} subject={subject} />
            <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
              <div className="min-w-0 space-y-4">
                {type !== 'credential' && <BaselinesPanel service={service} type={type} id={id} />}
                <WeekPanel service={service} type={type} id={id} />
                <SubjectAlerts filters={{ service, subjectType: type, subjectId: id }} />
              </div>
              <div className="min-w-0 space-y-4">
                <Decided service={service} subject={subject} />
                <ContactPanels service={service} type={type} id={id} />
              </div>
            </div>
          </>
        )}
      </OneService>
    </Page>
  );
}

const NoSubject = () => (
  <Page title="Nobody is named">
    <Empty icon={UserSearch} title="This link names nobody">
      <Link to="/search" className="font-medium text-accent hover:underline">
        Search for somebody
      </Link>
    </Empty>
  </Page>
);

function Actions({ service, subject }: { service: string; subject: EnforceableSubject }) {
  const may = useMayIn(service, 'decision.make');
  const [action, setAction] = useState<DecisionAction>();
  const offered: readonly DecisionAction[] =
    subject.type === 'actor' ? ['throttle', 'challenge', 'block'] : ['throttle', 'block'];
  const look = (each: DecisionAction) => (each === 'block' ? 'warning' : 'plain');
  return (
    <>
      <Link to="/investigate" search={{ service, ...partyOf(subject.type, subject.id) }} className={buttonClass()}>
        Its requests
      </Link>
      {may &&
        offered.map((each) => (
          <Button key={each} look={look(each)} onClick={() => setAction(each)}>
            {each.charAt(0).toUpperCase() + each.slice(1)}
          </Button>
        ))}
      {subject.type === 'actor' && <OfActor id={subject.id} />}
      <DecideDialog action={action} draft={{ ...emptyDraft(service), subject }} onClose={() => setAction(undefined)} />
    </>
  );
}

/** What is a matter of privacy: who is behind a pseudonym, and to forget somebody. */
function OfActor({ id }: { id: string }) {
  const reveals = useMay('actor.reveal');
  const erases = useMay('actor.erase');
  const [asked, setAsked] = useState<'reveal' | 'erase'>();
  const close = () => setAsked(undefined);
  return (
    <>
      {reveals && isPseudonym(id) && <Button onClick={() => setAsked('reveal')}>Reveal the id</Button>}
      {erases && <Button onClick={() => setAsked('erase')}>Erase</Button>}
      {asked === 'reveal' && <RevealDialog pseudonym={id} onClose={close} />}
      {asked === 'erase' && <EraseDialog open actor={id} onClose={close} />}
    </>
  );
}

/** What was decided about it, or about its network: the newest, in whatever mode, or all that is in force. */
function useDecided(service: string, { type, id }: EnforceableSubject, active?: true) {
  const query = useInfiniteQuery(decisionsQuery({ service, subjectType: type, subjectId: id, active }));
  return { query, decided: query.data?.pages.flatMap(({ items }) => items) };
}

interface OfSubject {
  service: string;
  subject: EnforceableSubject;
}

/** What it may do now, in a sentence. */
function Now({ service, subject }: OfSubject) {
  const now = useNow();
  const { decided } = useDecided(service, subject, true);
  if (decided === undefined) return null;
  const places = decided
    .filter((one) => isActive(one, now))
    .map(({ action, endpoint }) => `${actionDone[action].toLowerCase()} ${endpoint ? `on ${endpoint}` : 'everywhere'}`);
  return (
    <p role="status" className="mb-4 rounded-lg border bg-surface px-4 py-3 text-sm shadow-card">
      <span className="font-medium">Now:</span>{' '}
      {places.length > 0 ? `it is ${[...new Set(places)].join(', ')}.` : 'nothing holds it; its requests pass.'}
      {subject.type !== 'credential' && <Room service={service} type={subject.type} id={subject.id} />}
    </p>
  );
}

/** How much more it may do before it stands out, and whether that is wider than what was learnt. */
function Room({ service, type, id }: { service: string; type: 'actor' | 'address'; id: string }) {
  const outlook = useQuery(outlookQuery(service, type, id)).data;
  const stretch = useQuery(detectionQuery(service)).data?.budget.stretch ?? 1;
  const room = outlook && roomLeft(outlook);
  if (!room) return null;
  return (
    <span className="mt-0.5 block text-muted">
      On{' '}
      <Link to="/endpoint" search={{ service, name: room.endpoint }} className="break-all font-mono text-xs hover:text-accent">
        {room.endpoint}
      </Link>
      : {[room.text, room.surge, stretchText(stretch)].filter(Boolean).join(' ')}
    </span>
  );
}

function Decided({ service, subject }: OfSubject) {
  const { query, decided } = useDecided(service, subject);
  if (decided) return <AlertDecisions subject={subject} decisions={decided} />;
  return query.isError ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonRows rows={2} />;
}
