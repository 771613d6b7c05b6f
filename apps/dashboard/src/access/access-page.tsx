/** The access policy: the customer's own policies with an editor, what is fixed, and the cases that every edit must keep. */
import type { AccessPolicies, AccessPolicyView } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Plus, ScrollText, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { accessPoliciesQuery } from '../access-queries.js';
import { useMay } from '../allowed.js';
import { Button } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { CasesPanel } from './cases-panel.js';
import { PolicyEditor } from './policy-editor.js';

type Editing = AccessPolicyView | 'new' | undefined;

export function AccessPage() {
  const query = useQuery(accessPoliciesQuery);
  const editable = useMay('access-policy.save');
  const [editing, setEditing] = useState<Editing>();
  return (
    <Page
      title="Access policy"
      lead="Who may do what in Plimsoll itself."
      actions={
        editable && (
          <Button look="primary" onClick={() => setEditing('new')}>
            <Plus aria-hidden className="size-4" /> New policy
          </Button>
        )
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={6} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <div className="space-y-4">
          {!query.data.sound && <Unsound />}
          {editing !== undefined && (
            <PolicyEditor
              key={editing === 'new' ? 'new' : `${editing.id}:${editing.version}`}
              policy={editing === 'new' ? undefined : editing}
              schema={query.data.schema}
              onDone={() => setEditing(undefined)}
            />
          )}
          <OwnPolicies policies={query.data.own} edit={editable ? setEditing : undefined} />
          <CasesPanel cases={query.data.cases} editable={editable} />
          <PlatformPolicies policies={query.data.platform} />
        </div>
      )}
    </Page>
  );
}

const Unsound = () => (
  <p role="alert" className="flex items-start gap-2 rounded-lg border border-critical/40 bg-critical/8 px-4 py-3 text-sm">
    <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-critical" />
    The own policies cannot be used as they are. Until they are mended, owners alone get in, to this page.
  </p>
);

interface OwnProps {
  policies: readonly AccessPolicyView[];
  edit: ((policy: AccessPolicyView) => void) | undefined;
}

function OwnPolicies({ policies, edit }: OwnProps) {
  return (
    <Panel title="Own policies">
      {policies.length === 0 ? (
        <Empty icon={ScrollText} title="No own policy yet">
          Roles and the walls between teams hold without one. Add one to permit more, or to forbid something to somebody.
        </Empty>
      ) : (
        <ul className="divide-y">
          {policies.map((policy) => (
            <li key={policy.id} className="px-4 py-3">
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span className="font-medium">{policy.name}</span>
                <span className="text-faint text-xs">
                  version {policy.version}, {policy.changedBy}, <Ago ts={policy.changedAt} />
                </span>
                {edit && (
                  <Button size="sm" className="ml-auto" onClick={() => edit(policy)}>
                    Edit<span className="sr-only"> {policy.name}</span>
                  </Button>
                )}
              </div>
              <Code text={policy.text} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const PlatformPolicies = ({ policies }: { policies: AccessPolicies['platform'] }) => (
  <Panel title="What is fixed">
    <ul className="divide-y">
      {policies.map(({ id, says, text }) => (
        <li key={id} className="px-4 py-3">
          <p className="text-sm">{says}</p>
          <details className="mt-1">
            <summary className="cursor-pointer font-mono text-faint text-xs">{id}</summary>
            <Code text={text} />
          </details>
        </li>
      ))}
    </ul>
  </Panel>
);

const Code = ({ text }: { text: string }) => (
  <pre className="mt-2 overflow-x-auto whitespace-pre-wrap break-words rounded-md bg-sunken px-3 py-2 font-mono text-xs">
    {text}
  </pre>
);
