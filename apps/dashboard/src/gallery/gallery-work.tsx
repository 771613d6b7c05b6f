/** The gallery's lists that are searched, facts, orders, and words that come and go. What its queries ask for lies here. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldTime } from '../format.js';
import { toast } from '../toast.js';
import { ActionBadge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/confirm.js';
import { CopyButton } from '../ui/copy.js';
import { Facts, FactsSection } from '../ui/facts.js';
import { FoundPanel, useFound } from '../ui/found-panel.js';
import { FailureLine, NoMatch, NotRead } from '../ui/states.js';
import { Moment, Stamp, ZoneNote } from '../ui/time.js';
import { TimeField } from '../ui/time-field.js';
import { Group, Row } from './group.js';

const DAY_MS = 86_400_000;
/** Long enough to look at. */
const duration = 60_000;
const T0 = Date.UTC(2026, 10, 26, 8);

/** What a search comes to: some lines with more behind them, none, a fault, or no answer yet. */
const answers = {
  some: () => Promise.resolve({ items: ['GET /orders/7', 'GET /orders/8'] }),
  none: () => Promise.resolve({ items: [] as string[] }),
  fault: () => Promise.reject<{ items: string[] }>(new Error('The history cannot be read now.')),
  wait: () => new Promise<{ items: string[] }>(() => {}),
};

function Found({ answer }: { answer: keyof typeof answers }) {
  const query = useInfiniteQuery({
    queryKey: ['gallery', answer],
    queryFn: answers[answer],
    initialPageParam: 0,
    getNextPageParam: () => (answer === 'some' ? 1 : undefined),
    retry: false,
  });
  const { items } = useFound(query);
  const saving = useMutation({ mutationFn: (_: object) => Promise.resolve('2 requests saved.') });
  return (
    <FoundPanel
      title={`Found: ${answer}`}
      query={query}
      items={items}
      saving={saving}
      onExport={answer === 'some' ? () => saving.mutate({}) : undefined}
      nothing={<NoMatch onClear={() => {}} />}
    >
      <ul className="px-4 py-2 text-sm">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </FoundPanel>
  );
}

function Orders() {
  return (
    <Group title="Orders">
      {(['enforced', 'dry-run', 'pending'] as const).map((mode) => (
        <Row key={mode}>
          {(['monitor', 'throttle', 'challenge', 'block'] as const).map((action) => (
            <ActionBadge key={action} decision={{ action, mode }} />
          ))}
        </Row>
      ))}
    </Group>
  );
}

function FactsAndTimes() {
  const [until, setUntil] = useState(() => fieldTime(T0 + DAY_MS));
  return (
    <Group title="Facts and moments">
      <Facts
        facts={[
          ['Service', 'shop'],
          ['A name that is longer than its column', 'a-value-without-a-single-place-to-break-it-that-is-longer-than-a-phone'],
        ]}
      />
      <FactsSection label="Of the request" facts={[['Path', '/orders/7']]} />
      <FactsSection label="Of nothing: is not there" facts={[]} />
      <Row>
        <Moment ts={T0} /> <Stamp ts={T0} /> <ZoneNote /> <CopyButton text="npm start" label="Copy the command" />
      </Row>
      <TimeField value={until} onChange={setUntil} from={T0} to={T0 + 30 * DAY_MS} />
    </Group>
  );
}

function Words() {
  const [asked, setAsked] = useState<'sure' | 'failed'>();
  const failed = { isPending: false, error: new Error('Somebody was faster.'), reset: () => {} };
  const undo = { label: 'Undo', onClick: () => toast.info('Put back as before', { duration }) };
  return (
    <Group title="Words that come and go">
      <Row>
        <Button
          onClick={() => toast.success('2 alerts snoozed', { description: 'User ada and another', action: undo, duration })}
        >
          Say that it is done
        </Button>
        <Button onClick={() => toast.error('That did not work', { description: 'The server says what is wrong.', duration })}>
          Say that it failed
        </Button>
        <Button onClick={() => toast.info('Nothing was changed', { duration })}>Say something</Button>
      </Row>
      <Row>
        <Button onClick={() => setAsked('sure')}>Ask once more</Button>
        <Button onClick={() => setAsked('failed')}>Ask after a failure</Button>
      </Row>
      <FailureLine what="What somebody did" query={{ error: failed.error, data: undefined, refetch: () => {} }} />
      <NotRead error={failed.error} />
      <Confirm
        open={asked !== undefined}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title="Remove it?"
        description="It is not kept."
        act="Remove"
        look={asked === 'failed' ? 'danger' : 'primary'}
        mutation={asked === 'failed' ? failed : { ...failed, error: null }}
        onConfirm={() => setAsked(undefined)}
      />
    </Group>
  );
}

export function GalleryWork() {
  return (
    <>
      <Orders />
      <FactsAndTimes />
      <Words />
      {(['some', 'none', 'fault', 'wait'] as const).map((answer) => (
        <Found key={answer} answer={answer} />
      ))}
    </>
  );
}
