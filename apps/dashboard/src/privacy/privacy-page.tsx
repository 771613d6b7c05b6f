/** Privacy of those who are watched: whether their ids are shown, the id behind a pseudonym, and erasing somebody everywhere. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eraser, Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../allowed.js';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/confirm.js';
import { Field, Input } from '../ui/field.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { EraseDialog } from './erase-dialog.js';
import { ErasureList } from './erasure-list.js';
import { erasuresQuery, privacyQuery } from './privacy-queries.js';
import { isPseudonym } from './privacy-words.js';
import { RevealDialog } from './reveal-dialog.js';

export function PrivacyPage() {
  const query = useQuery(privacyQuery);
  const reveals = useMay('actor.reveal');
  const erases = useMay('actor.erase');
  const readsErasures = useMay('erasure.read');
  return (
    <Page title="Privacy" lead="Of the users of your services, whom Plimsoll watches.">
      {query.isPending ? (
        <SkeletonRows rows={4} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <div className="space-y-4">
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <PseudonymsPanel on={query.data.pseudonyms} />
            {reveals && <RevealPanel />}
          </div>
          {(erases || readsErasures) && <ErasuresPanel erases={erases} reads={readsErasures} />}
        </div>
      )}
    </Page>
  );
}

function PseudonymsPanel({ on }: { on: boolean }) {
  const client = useQueryClient();
  const may = useMay('privacy.set');
  const [asking, setAsking] = useState(false);
  const set = useMutation({
    mutationFn: () => callOperation('setPseudonyms', { body: { on: !on } }),
    onSuccess: ({ pseudonyms }) => {
      setAsking(false);
      toast.success(pseudonyms ? 'Pseudonyms are shown' : 'Ids are shown');
      // Whatever a page holds names actors: all of it is asked for anew.
      return client.invalidateQueries();
    },
  });
  const Icon = on ? EyeOff : Eye;
  return (
    <Panel
      title="How users are shown"
      actions={
        may && (
          <Button size="sm" onClick={() => setAsking(true)}>
            {on ? 'Show ids' : 'Show pseudonyms'}
          </Button>
        )
      }
    >
      <div className="flex items-start gap-3 px-4 py-3 text-sm">
        <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-faint" strokeWidth={1.75} />
        <div className="min-w-0 space-y-1">
          <p role="status" className="font-medium">
            {on ? 'Under pseudonyms, to everybody.' : 'By the ids that your services send.'}
          </p>
          <p className="text-muted">
            {on
              ? 'Lists, charts, the live channel and exports show none of their ids. Links and filters take pseudonyms.'
              : 'Whoever sees an alert sees whom it is about. Pseudonyms hide that until somebody asks, with a reason.'}
          </p>
          {!may && <p className="text-faint text-xs">Owners of every team may change this.</p>}
        </div>
      </div>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={on ? 'Show ids to everybody?' : 'Show pseudonyms to everybody?'}
        description={
          on
            ? 'Everybody who may see an alert sees again whom it is about, at once, in all pages and exports.'
            : 'From the next second on no page, event or export shows a user’s id. Who may, reveals one at a time; each is in the audit.'
        }
        act={on ? 'Show ids' : 'Show pseudonyms'}
        look={on ? 'danger' : 'primary'}
        mutation={set}
        onConfirm={() => set.mutate()}
      />
    </Panel>
  );
}

function RevealPanel() {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string>();
  const [asked, setAsked] = useState<string>();
  const ask = () => {
    const text = typed.trim();
    setFault(isPseudonym(text) ? undefined : 'A pseudonym is anon_ and 16 characters.');
    if (isPseudonym(text)) setAsked(text);
  };
  return (
    <Panel title="The id behind a pseudonym">
      <form
        noValidate
        className="flex items-start gap-2 px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Field label="Pseudonym" fault={fault} className="min-w-0 flex-1">
          {(ids) => (
            <Input
              {...ids}
              className="font-mono"
              maxLength={64}
              autoComplete="off"
              spellCheck={false}
              placeholder="anon_…"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" className="mt-5.5">
          Reveal
        </Button>
      </form>
      <RevealDialog pseudonym={asked} onClose={() => setAsked(undefined)} />
    </Panel>
  );
}

function ErasuresPanel({ erases, reads }: { erases: boolean; reads: boolean }) {
  const [asking, setAsking] = useState(false);
  return (
    <Panel
      title="Erasures"
      actions={
        erases && (
          <Button size="sm" look="warning" onClick={() => setAsking(true)}>
            Erase a user
          </Button>
        )
      }
    >
      {reads ? <Erasures /> : <p className="px-4 py-3 text-muted text-sm">Owners of every team see what came of them.</p>}
      <EraseDialog open={asking} onClose={() => setAsking(false)} />
    </Panel>
  );
}

function Erasures() {
  const query = useQuery(erasuresQuery);
  if (query.isPending) return <SkeletonRows rows={2} />;
  if (query.isError && !query.data) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.data.items.length > 0) return <ErasureList erasures={query.data.items} />;
  return (
    <Empty icon={Eraser} title="Nobody was erased">
      Who asks to be forgotten is removed from every store by one order, from here, from the page of a user, or by{' '}
      <code className="font-mono text-xs">plimsoll erase</code>.
    </Empty>
  );
}
