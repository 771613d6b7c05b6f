/** How detections become alerts and decisions in a service: the policy's mode and its two knobs. */
import type { BodyOf, PolicyMode, Service } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { callOperation } from '../api.js';
import { Button } from '../ui/button.js';
import { Field, Input } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';

export const modes: readonly { value: PolicyMode; name: string; meaning: string }[] = [
  { value: 'monitor', name: 'Monitor', meaning: 'Alerts only. Nobody is held back without a person.' },
  {
    value: 'throttle',
    name: 'Throttle',
    meaning: 'Outliers are held to the limit that was learnt for them, until they calm down.',
  },
  { value: 'block', name: 'Block', meaning: 'As throttle; outliers of high and critical severity are refused for ten minutes.' },
];

/** Changes a service and shows the answer everywhere. */
function useUpdate(service: Service) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyOf<'updateService'>) => callOperation('updateService', { params: { id: service.id }, body }),
    onSuccess: (changed) => {
      client.setQueryData<{ items: Service[] }>(
        ['services'],
        (old) => old && { items: old.items.map((each) => (each.id === changed.id ? changed : each)) },
      );
      toast.success('Saved', { description: `${changed.id}: ${changed.policy}` });
    },
    onError: (error) => toast.error('Not saved', { description: error.message }),
  });
}

interface PolicyPanelProps {
  service: Service;
  /** Only owners change policies. */
  editable: boolean;
}

export function PolicyPanel({ service, editable }: PolicyPanelProps) {
  const update = useUpdate(service);
  const shown = (update.isPending && update.variables.policy) || service.policy;
  return (
    <Panel title="Policy">
      <div className="p-4">
        <Segmented
          label="Policy"
          value={shown}
          choices={modes}
          disabled={!editable || update.isPending}
          onChange={(policy) => update.mutate({ policy })}
        />
        <p className="mt-2.5 text-muted text-sm">{modes.find(({ value }) => value === shown)?.meaning}</p>
        <SettingsForm key={JSON.stringify(service.settings)} service={service} editable={editable} />
        {!editable && <p className="mt-3 text-faint text-xs">Only an owner may change this.</p>}
      </div>
    </Panel>
  );
}

function SettingsForm({ service, editable }: PolicyPanelProps) {
  const update = useUpdate(service);
  const [baseLimit, setBaseLimit] = useState(String(service.settings.baseLimit));
  const [sensitivity, setSensitivity] = useState(String(service.settings.sensitivity));
  const changed = Number(baseLimit) !== service.settings.baseLimit || Number(sensitivity) !== service.settings.sensitivity;
  const valid = baseLimit !== '' && Number(baseLimit) >= 0 && Number(sensitivity) >= 0.1 && Number(sensitivity) <= 100;
  return (
    <form
      className="mt-4 border-t pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ settings: { baseLimit: Number(baseLimit), sensitivity: Number(sensitivity) } });
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Base limit" hint="Below this many requests an hour nobody is throttled or blocked for their rate.">
          {(ids) => (
            <Input
              {...ids}
              type="number"
              min={0}
              step="any"
              disabled={!editable}
              value={baseLimit}
              onChange={(event) => setBaseLimit(event.target.value)}
            />
          )}
        </Field>
        <Field label="Sensitivity" hint="How far above the expectation the limit lies. Greater is more tolerant.">
          {(ids) => (
            <Input
              {...ids}
              type="number"
              min={0.1}
              max={100}
              step="any"
              disabled={!editable}
              value={sensitivity}
              onChange={(event) => setSensitivity(event.target.value)}
            />
          )}
        </Field>
      </div>
      {changed && (
        <Button type="submit" look="primary" className="mt-3" disabled={!valid} busy={update.isPending}>
          Save settings
        </Button>
      )}
    </form>
  );
}
