/** Actors of one sort, with limits of their own. The order counts: the first group that matches holds. */
import { Plus } from 'lucide-react';
import { Button } from '../ui/button.js';
import { Field, Input } from '../ui/field.js';
import { type Draft, type GroupDraft, newGroup } from './draft.js';
import { useFault } from './faults-context.js';
import { LinesField } from './lines-field.js';
import { moved, OrderButtons } from './order-buttons.js';
import { Reset } from './reset.js';
import { Section } from './section.js';
import { TuningFields } from './tuning-fields.js';
import { useRowFocus } from './use-row-focus.js';

interface GroupsSectionProps {
  groups: Draft['groups'];
  onChange: (part: Partial<Draft>) => void;
}

export function GroupsSection({ groups, onChange }: GroupsSectionProps) {
  const set = (next: GroupDraft[]) => onChange({ groups: next });
  const focus = useRowFocus<HTMLOListElement>();
  const add = () => {
    set([...groups, newGroup()]);
    focus.toNew();
  };
  const remove = (row: GroupDraft) => {
    set(groups.filter(({ key }) => key !== row.key));
    focus.toAdd();
  };
  return (
    <Section
      name="groups"
      actions={<Reset name="Actor groups" changed={groups.length > 0} defaultText="none" onReset={() => set([])} />}
    >
      {groups.length > 0 && (
        <ol ref={focus.list} className="mb-3 space-y-3">
          {groups.map((group, index) => (
            <GroupRow
              key={group.key}
              group={group}
              index={index}
              count={groups.length}
              onChange={(part) => set(groups.map((each) => (each.key === group.key ? { ...each, ...part } : each)))}
              onMove={(by) => set(moved(groups, index, by))}
              onRemove={() => remove(group)}
            />
          ))}
        </ol>
      )}
      <Button ref={focus.add} onClick={add}>
        <Plus aria-hidden className="size-4" /> Add group
      </Button>
    </Section>
  );
}

interface GroupRowProps {
  group: GroupDraft;
  index: number;
  count: number;
  onChange: (part: Partial<GroupDraft>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function GroupRow({ group, index, count, onChange, onMove, onRemove }: GroupRowProps) {
  const path = `groups.${index}`;
  const name = group.name.trim() || `group ${index + 1}`;
  const own = useFault(path);
  return (
    <li className="rounded-md border p-3">
      <fieldset className="min-w-0 space-y-3" aria-label={name}>
        <div className="flex items-start gap-2">
          <Field label="Name" fault={useFault(`${path}.name`)} className="min-w-0 flex-1">
            {(ids) => (
              <Input
                {...ids}
                maxLength={60}
                autoComplete="off"
                placeholder="Batch jobs"
                value={group.name}
                onChange={(event) => onChange({ name: event.target.value })}
              />
            )}
          </Field>
          <OrderButtons name={name} index={index} count={count} onMove={onMove} onRemove={onRemove} className="pt-5.5" />
        </div>
        {own && <p className="font-medium text-critical text-xs">{own}</p>}
        <div className="grid gap-4 md:grid-cols-2">
          <LinesField
            label="Users"
            path={`${path}.actors`}
            value={group.actors}
            placeholder={'job-*\npartner-7'}
            hint="One id a line. A * at the end stands for anything."
            onChange={(actors) => onChange({ actors })}
          />
          <LinesField
            label="Addresses"
            path={`${path}.addresses`}
            value={group.addresses}
            placeholder="10.0.0.0/8"
            hint="One IP address or CIDR range a line."
            onChange={(addresses) => onChange({ addresses })}
          />
        </div>
        <TuningFields path={path} tuning={group} onChange={onChange} />
      </fieldset>
    </li>
  );
}
