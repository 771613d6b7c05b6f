/** Actors of one sort, with limits of their own. The order counts: the first group that matches holds. */
import { type Draft, type GroupDraft, newGroup } from './draft.js';
import { LinesField } from './lines-field.js';
import { NamedRow, OrderedRows, type Place } from './ordered-rows.js';
import { Reset } from './reset.js';
import { Section } from './section.js';
import { TuningFields } from './tuning-fields.js';

interface GroupsSectionProps {
  groups: Draft['groups'];
  onChange: (part: Partial<Draft>) => void;
}

export function GroupsSection({ groups, onChange }: GroupsSectionProps) {
  const set = (next: GroupDraft[]) => onChange({ groups: next });
  return (
    <Section
      name="groups"
      actions={<Reset name="User groups" changed={groups.length > 0} defaultText="none" onReset={() => set([])} />}
    >
      <OrderedRows rows={groups} what="group" newRow={newGroup} onChange={set}>
        {(group, place) => <GroupRow key={group.key} group={group} place={place} />}
      </OrderedRows>
    </Section>
  );
}

function GroupRow({ group, place }: { group: GroupDraft; place: Place<GroupDraft> }) {
  const path = `groups.${place.index}`;
  const { onChange } = place;
  return (
    <NamedRow path={path} what="group" example="Batch jobs" name={group.name} {...place}>
      {() => (
        <>
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
        </>
      )}
    </NamedRow>
  );
}
