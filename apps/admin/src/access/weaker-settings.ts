/**
 * Whether a change of a service's settings could make the service look or act less than before it: compared with what held until now,
 * for the service, each group and each endpoint, since a stricter tuning that is dropped is as good as a looser one that is made.
 * In doubt it says yes: it is then asked about under a graver name, never refused for that alone.
 */
import {
  type ActorGroup,
  alertKinds,
  type EndpointTuning,
  kindModeSchema,
  type Settings,
  type SettingsPatch,
  type Step,
  severities,
  stepActions,
  type Tuning,
} from '@plimsoll/contracts';
import { endpointNamed, rulesOf } from '@plimsoll/detection';

export function weakens(before: Settings, patch: SettingsPatch): boolean {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  const after: Settings = { ...before, ...Object.fromEntries(given) };
  return (
    after.maxShare < before.maxShare ||
    hasLessRoom(before.alertBudget, after.alertBudget) ||
    losesFlows(before, after) ||
    someIsLessSensitive(before, after) ||
    (patch.ladder !== undefined && ladderIsMilder(before, after)) ||
    limitsAreLooser(before, after)
  );
}

/** Beyond the budget of alerts all limits are stretched. 0 is no budget: nothing is. */
const hasLessRoom = (before: number, after: number): boolean => after !== 0 && (before === 0 || after < before);

function losesFlows(before: Settings, after: Settings): boolean {
  const kept = new Set(rulesOf(after).flows.map(({ steps }) => JSON.stringify(steps)));
  const isLost = rulesOf(before).flows.some(({ steps }) => !kept.has(JSON.stringify(steps)));
  return isLost || (before.learnFlows && !after.learnFlows);
}

/** Of an endpoint that was said to be sensitive nobody asks what its name would make of it now. */
function someIsLessSensitive(before: Settings, after: Settings): boolean {
  const [was, is] = [rulesOf(before), rulesOf(after)];
  const names = [...before.endpoints, ...after.endpoints].map(({ endpoint }) => endpointNamed(endpoint));
  return names.some((name) => {
    const [said, says] = [was.sensitive(name), is.sensitive(name)];
    return says !== said && (says === false || said === true);
  });
}

/** Of each behaviour the steps of before and after, by the model's own rules. An endpoint that no rule names stands for all such. */
function ladderIsMilder(before: Settings, after: Settings): boolean {
  const named = [...before.ladder, ...after.ladder].flatMap(({ endpoint }) => endpoint ?? []);
  const endpoints = [null, ...new Set(named.map(endpointNamed))];
  const [was, is] = [rulesOf(before), rulesOf(after)];
  return endpoints.some((endpoint) =>
    alertKinds.some((kind) =>
      severities.some((severity) => {
        const behaviour = { endpoint, kind, severity };
        return stepsAreMilder(was.stepsFor(behaviour), is.stepsFor(behaviour));
      }),
    ),
  );
}

const hardness = ({ action }: Step): number => stepActions.indexOf(action);

/** Step by step, the last standing for all beyond it. A mild step that lasts longer puts off the harder ones behind it. */
export function stepsAreMilder(before: readonly Step[], after: readonly Step[]): boolean {
  return before.some((was, index) => {
    const is = after[Math.min(index, after.length - 1)];
    if (is === undefined || hardness(is) !== hardness(was)) return is === undefined || hardness(is) < hardness(was);
    const watches = is.action === 'monitor';
    const harderFollows = after.slice(index + 1).some((later) => hardness(later) > hardness(is));
    return (!watches && is.seconds < was.seconds) || ((watches || harderFollows) && is.seconds > was.seconds);
  });
}

type Group = ActorGroup | undefined;

function limitsAreLooser(before: Settings, after: Settings): boolean {
  const endpointsOf = ({ endpoints }: Settings) => new Map(endpoints.map((each) => [endpointNamed(each.endpoint), each]));
  const [was, is] = [endpointsOf(before), endpointsOf(after)];
  const endpoints = [undefined, ...new Set([...was.keys(), ...is.keys()])];
  return moves(before.groups, after.groups).some(([from, to]) =>
    endpoints.some((endpoint = '') => isLooser(tunedAt(before, from, was.get(endpoint)), tunedAt(after, to, is.get(endpoint)))),
  );
}

/** From which group of before somebody could have come into which of after; undefined: none. */
function moves(before: readonly ActorGroup[], after: readonly ActorGroup[]): [Group, Group][] {
  const [was, is] = [before, after].map((groups) => new Map(groups.map((group) => [group.name, group])));
  const lost = new Set<Group>(before.filter((group) => !isWithin(group, is?.get(group.name))));
  const gained = new Set<Group>(after.filter((group) => !isWithin(group, was?.get(group.name))));
  const order = (groups: readonly ActorGroup[]) =>
    groups.filter(({ name }) => was?.has(name) && is?.has(name)).map(({ name }) => name);
  // The first group that matches holds, so that another order is another membership.
  const anywhere = JSON.stringify(order(before)) !== JSON.stringify(order(after));
  return [undefined, ...before].flatMap((from) =>
    [undefined, ...after]
      .filter((to) => anywhere || from?.name === to?.name || lost.has(from) || gained.has(to))
      .map((to): [Group, Group] => [from, to]),
  );
}

function isWithin(one: ActorGroup, other: Group): boolean {
  const [actors, addresses] = [new Set(other?.actors), new Set(other?.addresses)];
  return one.actors.every((id) => actors.has(id)) && one.addresses.every((range) => addresses.has(range));
}

/** What holds there: the endpoint's tuning before the group's, that before the service's own. */
function tunedAt(settings: Settings, group: Group, endpoint: EndpointTuning | undefined): Required<Tuning> {
  const kinds = { ...settings.kinds, ...group?.kinds, ...endpoint?.kinds };
  const baseLimit = endpoint?.baseLimit ?? group?.baseLimit ?? settings.baseLimit;
  return { baseLimit, sensitivity: endpoint?.sensitivity ?? group?.sensitivity ?? settings.sensitivity, kinds };
}

/** From what looks and acts to what does not. */
const modes = kindModeSchema.options;
const isLooser = (was: Required<Tuning>, is: Required<Tuning>): boolean =>
  (is.baseLimit ?? 0) > (was.baseLimit ?? 0) ||
  (is.sensitivity ?? 0) > (was.sensitivity ?? 0) ||
  alertKinds.some((kind) => modes.indexOf(is.kinds?.[kind] ?? 'on') > modes.indexOf(was.kinds?.[kind] ?? 'on'));
