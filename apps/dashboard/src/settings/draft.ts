/**
 * The settings as a form holds them: numbers as typed, lists as lines, rows with keys of their own so that they can be
 * moved. Pure, so that what is sent can be tested: a change holds only what differs from what the form began with.
 */
import type { AlertKind, KindMode, Settings } from '@plimsoll/contracts';
import { type LadderRuleDraft, ladderDraft, ladderOf } from './ladder-draft.js';
import { newKey, numberOf } from './typed.js';

/** Empty text: as the service has it. */
export interface TuningDraft {
  baseLimit: string;
  sensitivity: string;
  kinds: Partial<Record<AlertKind, KindMode>>;
}
export interface GroupDraft extends TuningDraft {
  key: number;
  name: string;
  actors: string;
  addresses: string;
}
/** `byName`: the endpoint's own name decides. */
export type Sensitive = 'yes' | 'no' | 'byName';
export interface EndpointDraft extends TuningDraft {
  key: number;
  endpoint: string;
  sensitive: Sensitive;
}
export interface StepDraft {
  key: number;
  endpoint: string;
}
export interface FlowDraft {
  key: number;
  name: string;
  steps: StepDraft[];
}
export interface Draft {
  baseLimit: string;
  sensitivity: string;
  alertBudget: string;
  kinds: Partial<Record<AlertKind, KindMode>>;
  ladder: LadderRuleDraft[];
  /** In per cent. */
  maxShare: string;
  allow: { actors: string; addresses: string; credentials: string };
  groups: GroupDraft[];
  endpoints: EndpointDraft[];
  flows: FlowDraft[];
  learnFlows: boolean;
}

const noTuning = (): TuningDraft => ({ baseLimit: '', sensitivity: '', kinds: {} });
export const newGroup = (): GroupDraft => ({ key: newKey(), name: '', actors: '', addresses: '', ...noTuning() });
export const newEndpoint = (): EndpointDraft => ({ key: newKey(), endpoint: '', sensitive: 'byName', ...noTuning() });
export const newStep = (endpoint = ''): StepDraft => ({ key: newKey(), endpoint });
export const newFlow = (): FlowDraft => ({ key: newKey(), name: '', steps: [newStep(), newStep()] });

/** Lines that hold something, without the spaces around them. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

type Tuning = Pick<Settings['groups'][number], 'baseLimit' | 'sensitivity' | 'kinds'>;

const tuningDraft = ({ baseLimit, sensitivity, kinds }: Tuning): TuningDraft => ({
  baseLimit: baseLimit === undefined ? '' : String(baseLimit),
  sensitivity: sensitivity === undefined ? '' : String(sensitivity),
  kinds: kinds ?? {},
});

/** A share in per cent, without the tails of binary fractions. */
export const percentText = (share: number): string => String(Number((share * 100).toFixed(6)));

export const draftOf = (settings: Settings): Draft => ({
  baseLimit: String(settings.baseLimit),
  sensitivity: String(settings.sensitivity),
  alertBudget: String(settings.alertBudget),
  kinds: settings.kinds,
  ladder: ladderDraft(settings.ladder),
  maxShare: percentText(settings.maxShare),
  allow: {
    actors: settings.allow.actors.join('\n'),
    addresses: settings.allow.addresses.join('\n'),
    credentials: settings.allow.credentials.join('\n'),
  },
  groups: settings.groups.map((group) => ({
    key: newKey(),
    name: group.name,
    actors: group.actors.join('\n'),
    addresses: group.addresses.join('\n'),
    ...tuningDraft(group),
  })),
  endpoints: settings.endpoints.map((endpoint) => ({
    key: newKey(),
    endpoint: endpoint.endpoint,
    sensitive: endpoint.sensitive === undefined ? 'byName' : endpoint.sensitive ? 'yes' : 'no',
    ...tuningDraft(endpoint),
  })),
  flows: settings.flows.map(({ name, steps }) => ({ key: newKey(), name, steps: steps.map(newStepOf) })),
  learnFlows: settings.learnFlows,
});

const newStepOf = (endpoint: string): StepDraft => newStep(endpoint);

function tuningOf({ baseLimit, sensitivity, kinds }: TuningDraft): Tuning {
  return {
    ...(baseLimit.trim() !== '' && { baseLimit: numberOf(baseLimit) }),
    ...(sensitivity.trim() !== '' && { sensitivity: numberOf(sensitivity) }),
    ...(Object.keys(kinds).length > 0 && { kinds: ordered(kinds) }),
  };
}

/** One order of keys, so that the same choices are the same text. */
const ordered = (kinds: Draft['kinds']): Draft['kinds'] => Object.fromEntries(Object.entries(kinds).sort());

/** The whole of the settings that a draft stands for, unchecked. */
export function settingsOf(draft: Draft): Settings {
  return {
    baseLimit: numberOf(draft.baseLimit),
    sensitivity: numberOf(draft.sensitivity),
    alertBudget: numberOf(draft.alertBudget),
    kinds: ordered(draft.kinds),
    ladder: ladderOf(draft.ladder),
    maxShare: numberOf(draft.maxShare) / 100,
    allow: {
      actors: linesOf(draft.allow.actors),
      addresses: linesOf(draft.allow.addresses),
      credentials: linesOf(draft.allow.credentials),
    },
    groups: draft.groups.map((group) => ({
      name: group.name.trim(),
      actors: linesOf(group.actors),
      addresses: linesOf(group.addresses),
      ...tuningOf(group),
    })),
    endpoints: draft.endpoints.map((endpoint) => ({
      endpoint: endpoint.endpoint.trim(),
      ...(endpoint.sensitive !== 'byName' && { sensitive: endpoint.sensitive === 'yes' }),
      ...tuningOf(endpoint),
    })),
    flows: draft.flows.map(({ name, steps }) => ({ name: name.trim(), steps: steps.map(({ endpoint }) => endpoint.trim()) })),
    learnFlows: draft.learnFlows,
  };
}

export const settingNames = [
  'baseLimit',
  'sensitivity',
  'alertBudget',
  'kinds',
  'ladder',
  'maxShare',
  'allow',
  'groups',
  'endpoints',
  'flows',
  'learnFlows',
] as const satisfies readonly (keyof Settings)[];
export type SettingName = (typeof settingNames)[number];

/** NaN has no JSON of its own; here it must differ from every number. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' && Number.isNaN(part) ? 'NaN' : part));

/** Names of what differs between two settings. */
export const differing = (one: Settings, other: Settings): SettingName[] =>
  settingNames.filter((name) => textOf(one[name]) !== textOf(other[name]));

/** What has to be sent so that `saved` becomes what the draft says. */
export function changesOf(draft: Draft, saved: Settings): Partial<Settings> {
  const next = settingsOf(draft);
  const names = differing(next, settingsOf(draftOf(saved)));
  return Object.fromEntries(names.map((name) => [name, next[name]]));
}
