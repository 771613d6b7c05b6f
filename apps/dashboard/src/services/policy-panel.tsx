/** How detections become decisions in a service: how far its ladder goes, the dry run, and what its settings say in short. */
import { alertKinds, type PolicyMode, type Service, type Settings } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { count, measure, share } from '../format.js';
import { toast } from '../toast.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { DryRun } from './dry-run.js';
import { useUpdateService } from './use-update-service.js';

export const modes: readonly { value: PolicyMode; name: string; meaning: string }[] = [
  { value: 'monitor', name: 'Monitor', meaning: 'Alerts only. Nobody is held back without a person.' },
  {
    value: 'throttle',
    name: 'Throttle',
    meaning: 'Outliers are held to the limit that was learnt for them, until they calm down.',
  },
  {
    value: 'block',
    name: 'Block',
    meaning: 'The whole ladder: who is far beyond the limit, or goes on against a throttle, is refused, for longer each time.',
  },
];

interface PolicyPanelProps {
  service: Service;
  /** Only owners change policies. */
  editable: boolean;
}

export function PolicyPanel({ service, editable }: PolicyPanelProps) {
  const update = useUpdateService(service.id);
  const shown = (update.isPending && update.variables.policy) || service.policy;
  const choose = (policy: PolicyMode) =>
    update.mutate(
      { policy },
      {
        onSuccess: () => toast.success('Saved', { description: `${service.id}: ${policy}` }),
        onError: (error) => toast.error('Not saved', { description: error.message }),
      },
    );
  return (
    <Panel title="Policy">
      <DryRun service={service} editable={editable} />
      <div className="p-4">
        <Segmented label="Policy" value={shown} choices={modes} disabled={!editable || update.isPending} onChange={choose} />
        <p className="mt-2.5 text-muted text-sm">{modes.find(({ value }) => value === shown)?.meaning}</p>
        {!editable && <p className="mt-3 text-faint text-xs">Only an owner may change this.</p>}
      </div>
      <SettingsSummary service={service} />
    </Panel>
  );
}

/** `2 off, 1 monitor only`. */
function kindsText(kinds: Settings['kinds']): string {
  const held = (mode: string) => alertKinds.filter((kind) => kinds[kind] === mode).length;
  const parts = [held('off') > 0 && `${held('off')} off`, held('monitor') > 0 && `${held('monitor')} monitor only`];
  return parts.filter(Boolean).join(', ') || 'all on';
}

function SettingsSummary({ service: { id, settings } }: { service: Service }) {
  const { baseLimit, sensitivity, alertBudget, kinds, ladder, maxShare, allow, groups, endpoints, flows } = settings;
  const allowed = allow.actors.length + allow.addresses.length + allow.credentials.length;
  const facts = [
    ['Base limit', `${measure(baseLimit)} requests an hour`],
    ['Sensitivity', measure(sensitivity)],
    ['Alert budget', alertBudget > 0 ? `${count(alertBudget)} a day` : 'none'],
    ['Kinds', kindsText(kinds)],
    ['Ladder', `${count(ladder.length)} rules; ${share(maxShare, 1)} of sources a minute`],
    ['Exceptions', `${count(allowed)} allowed, ${count(groups.length)} groups, ${count(endpoints.length)} endpoints`],
    ['Flows', count(flows.length)],
  ] as const;
  return (
    <div className="border-t">
      <dl className="px-4 py-3 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="flex gap-3 py-0.5">
            <dt className="w-24 shrink-0 text-muted">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      <Link
        to="/services/$id/settings"
        params={{ id }}
        className="block border-t px-4 py-2.5 font-medium text-accent text-sm hover:bg-hover/60"
      >
        All settings
      </Link>
    </div>
  );
}
