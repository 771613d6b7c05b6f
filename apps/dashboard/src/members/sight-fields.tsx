/**
 * Which teams and services somebody sees, as fields of a form: every team, or those that are named, one a line. Names that no
 * service bears are pointed at and taken all the same, since a team may come before its first service.
 */
import { type PersonAttributes, SELF_SERVICE } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { servicesQuery } from '../queries.js';
import { Field, Select, Textarea } from '../ui/field.js';
import { linesOf, listed, namesIn } from './sight-words.js';

/** As it is typed. */
export interface TypedSight {
  everyTeam: boolean;
  teams: string;
  services: string;
  groups: string;
}
export const everything: TypedSight = { everyTeam: true, teams: '', services: '', groups: '' };

export const typedSight = ({ everyTeam, teams, services, groups }: PersonAttributes): TypedSight => ({
  everyTeam,
  teams: linesOf(teams),
  services: linesOf(services),
  groups: linesOf(groups),
});

export const attributesIn = ({ everyTeam, teams, services, groups }: TypedSight): PersonAttributes => ({
  everyTeam,
  teams: namesIn(teams),
  services: namesIn(services),
  groups: namesIn(groups),
});

interface SightFieldsProps {
  value: TypedSight;
  onChange: (value: TypedSight) => void;
}

export function SightFields({ value, onChange }: SightFieldsProps) {
  const { data } = useQuery(servicesQuery);
  // What Plimsoll watches itself by is for owners of every team, whatever is named here.
  const others = data?.items.filter(({ id }) => id !== SELF_SERVICE) ?? [];
  const teams = [...new Set(others.map(({ team }) => team))].sort();
  const services = others.map(({ id }) => id);
  const names = (name: 'teams' | 'services' | 'groups', label: string, hint: string, known?: string[]) => {
    const strange = known && data ? namesIn(value[name]).filter((each) => !known.includes(each)) : [];
    const nobody = name === 'teams' ? 'No service is of' : 'There is no service';
    return (
      <Field label={label} hint={hint} fault={strange.length > 0 ? `${nobody} ${listed(strange)} yet.` : undefined}>
        {(ids) => (
          <Textarea
            {...ids}
            autoComplete="off"
            spellCheck={false}
            value={value[name]}
            onChange={(event) => onChange({ ...value, [name]: event.target.value })}
          />
        )}
      </Field>
    );
  };
  const none = namesIn(value.teams).length + namesIn(value.services).length === 0;
  return (
    <>
      <Field label="Sees" hint={!value.everyTeam && none ? 'Name a team or a service: so far nothing is seen.' : undefined}>
        {(ids) => (
          <Select
            {...ids}
            value={value.everyTeam ? 'every' : 'some'}
            onChange={(event) => onChange({ ...value, everyTeam: event.target.value === 'every' })}
          >
            <option value="every">Services of every team</option>
            <option value="some">Only these teams and services</option>
          </Select>
        )}
      </Field>
      {!value.everyTeam && (
        <div className="grid gap-4 sm:grid-cols-2 sm:gap-3">
          {names('teams', 'Teams', `One a line. ${among(teams)}`, teams)}
          {names('services', 'Services beside them', `One a line. ${among(services)}`, services)}
        </div>
      )}
      {names('groups', 'Groups', 'One a line, words of your own that access policies can speak of.')}
    </>
  );
}

const MAX_NAMED = 8;
const among = (names: string[]): string => {
  const more = names.length - MAX_NAMED;
  return names.length === 0 ? '' : `There are: ${listed(names.slice(0, MAX_NAMED))}${more > 0 ? ` and ${more} more` : ''}.`;
};
