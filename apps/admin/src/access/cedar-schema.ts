/**
 * The Cedar schema: what a policy may speak of. The actions come from the contract's table, so that an operation without
 * an action does not compile and an action without a schema does not exist. Alerts, decisions and keys have no identity
 * here, only their service and attributes: a decision then holds for every one of the same class, which is what lets
 * lists and the live channel decide once a class.
 */
import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { accessActionNames, accessActionOf, type ResourceClass } from '@plimsoll/contracts';

const string = { type: 'String' } as const;
const long = { type: 'Long' } as const;
const bool = { type: 'Boolean' } as const;
const strings = { type: 'Set', element: string } as const;
const extension = (name: string) => ({ type: 'Extension', name }) as const;

const inService = { service: string, team: string, environment: string };

const shapes = {
  Installation: {},
  Service: { ...inService, policy: string, dryRun: bool },
  Alert: { ...inService, kind: string, severity: string, state: string, subjectType: string },
  Decision: { ...inService, effect: string, mode: string, subjectType: string, byPerson: bool },
  Key: inService,
} satisfies Record<ResourceClass, object>;

const person = {
  role: string,
  groups: strings,
  everyTeam: bool,
  teams: strings,
  services: strings,
  passkeys: long,
  deviceBound: bool,
};

const context = {
  risk: long,
  authAgeSeconds: long,
  userVerified: bool,
  amr: strings,
  address: extension('ipaddr'),
  time: extension('datetime'),
  subjects: long,
  stepUpAgeSeconds: { ...long, required: false },
};

const record = (attributes: object) => ({ type: 'Record', attributes }) as const;

/** Groups of actions, as policies name them: `action in Action::"change"`. */
export const actionGroups = ['own', 'enrol', 'read', 'oversee', 'change', 'operate', 'manage', 'dangerous'] as const;

function groupsOf(name: (typeof accessActionNames)[number]): string[] {
  const { kind, dangerous, enrols } = accessActionOf(name);
  return [kind, ...(dangerous ? ['dangerous'] : []), ...(enrols ? ['enrol'] : [])];
}

const parents: Record<string, string[]> = { operate: ['change'], manage: ['change'] };
const memberOf = (groups: readonly string[]) => groups.map((id) => ({ id, type: 'Action' }));

export const accessSchema = {
  '': {
    commonTypes: { Circumstances: record(context) },
    entityTypes: {
      Person: { shape: record(person) },
      Service: { shape: record(shapes.Service) },
      ...Object.fromEntries(
        Object.entries(shapes)
          .filter(([name]) => name !== 'Service')
          .map(([name, shape]) => [name, { shape: record(shape), ...('service' in shape && { memberOfTypes: ['Service'] }) }]),
      ),
    },
    actions: {
      ...Object.fromEntries(actionGroups.map((name) => [name, { memberOf: memberOf(parents[name] ?? []) }])),
      ...Object.fromEntries(
        accessActionNames.map((name) => [
          name,
          {
            memberOf: memberOf(groupsOf(name)),
            appliesTo: {
              principalTypes: ['Person'],
              resourceTypes: [accessActionOf(name).on],
              context: { type: 'Circumstances' },
            },
          },
        ]),
      ),
    },
  },
} as unknown as SchemaJson<string>;
