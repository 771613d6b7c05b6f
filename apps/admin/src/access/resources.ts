/**
 * On what an operation works, read before it runs: from the path, the body, or the row that an id names. A list works on
 * each of its items: its handler filters by what the caller may see. An operation of a new shape adds its own line to
 * `lookups`; one that is neither stops the process at its start.
 */
import {
  type AccessActionName,
  type AccessResource,
  type Alert,
  accessActionOf,
  adminApi,
  clearsSubject,
  type Decision,
  type Operation,
  type OperationName,
  type ParsedBody,
  type ParsedQuery,
  type ResourceClass,
  type Service,
} from '@plimsoll/contracts';
import {
  type AlertClass,
  countPending,
  type Database,
  type DecisionClass,
  findAlert,
  findAlerts,
  findDecision,
  getKey,
  getService,
  type HitSubject,
  listServices,
  readBacktest,
  readHeldByAlerts,
} from '@plimsoll/storage';
import { weakens } from './weaker-settings.js';

/**
 * One question to the policy. `subjects`: how many actors, addresses or credentials the deed hits, beside `hits`, which it names; the
 * guard adds to both those of the call's other questions, and whom the person has hit before (policy-guard.ts). `ids`: of a call about many
 * things those that look like this to the policy; where they may not even be seen they are none, and the rest goes on. `because`: of what
 * the deed brings with it, beside what it is: the thing that was named, by which the answer tells whether it is there, and why it is asked.
 */
export interface Question {
  action: AccessActionName;
  resource: AccessResource;
  subjects?: number;
  hits?: HitSubject[];
  ids?: string[];
  because?: { of: AccessResource; why: string };
}
/** `each`: a list. `missing`: there is no such thing; its name is for the answer. */
export type Questions = { type: 'ask'; questions: Question[] } | { type: 'each' } | { type: 'missing'; what: string };

export interface OperationInput {
  params?: unknown;
  query?: unknown;
  body?: unknown;
}
interface Looking {
  db: Database;
  now: number;
  name: OperationName;
  action: AccessActionName;
  id: string;
  input: OperationInput;
}
type Lookup = (looking: Looking) => Promise<Questions>;

export const INSTALLATION: AccessResource = { type: 'Installation' };

export const serviceResource = (service: Pick<Service, 'id' | 'team' | 'environment' | 'policy' | 'dryRun'>): AccessResource => {
  const { id, team, environment, policy, dryRun } = service;
  return { type: 'Service', service: id, team, environment, policy, dryRun };
};
/** What every resource of a service has of it. */
type Home = Pick<Service, 'id' | 'team' | 'environment'>;
const homeOf = ({ id, team, environment }: Home) => ({ service: id, team, environment });
export const keyResource = (service: Home): AccessResource => ({ type: 'Key', ...homeOf(service) });
export const alertClass = (service: Home, { kind, severity, state, subjectType }: AlertClass): AccessResource => ({
  type: 'Alert',
  ...homeOf(service),
  ...{ kind, severity, state, subjectType },
});
export const decisionClass = (service: Home, decision: Omit<DecisionClass, 'service'>): AccessResource => {
  const { action: effect, mode, subjectType, byPerson } = decision;
  return { type: 'Decision', ...homeOf(service), ...{ effect, mode, subjectType, byPerson } };
};
const alertResource = (service: Home, alert: Alert) => alertClass(service, { ...alert, subjectType: alert.subject.type });
const decisionResource = (service: Home, decision: Decision) => {
  const byPerson = decision.origin.type === 'person';
  return decisionClass(service, { ...decision, subjectType: decision.subject.type, byPerson });
};

const missing = (what: string): Questions => ({ type: 'missing', what });
const ask = (action: AccessActionName, resource: AccessResource, deed: Pick<Question, 'subjects' | 'hits'> = {}): Questions => ({
  type: 'ask',
  questions: [{ action, resource, ...deed }],
});

/** What is named by the id of a row of its own, by its class. */
const byId: Partial<Record<ResourceClass, Lookup>> = {
  Alert: async ({ db, action, id }) => {
    const alert = await findAlert(db, id);
    const service = alert && (await getService(db, alert.service));
    return alert && service ? ask(action, alertResource(service, alert)) : missing('alert');
  },
  Decision: async ({ db, action, id }) => {
    const decision = await findDecision(db, id);
    const service = decision && (await getService(db, decision.service));
    if (!decision || !service) return missing('decision');
    return ask(action, decisionResource(service, decision), { hits: [{ service: service.id, ...decision.subject }] });
  },
  Key: async ({ db, action, id }) => {
    const key = await getKey(db, id);
    const service = key && (await getService(db, key.service));
    return service ? ask(action, keyResource(service)) : missing('key');
  },
};

async function askService(db: Database, action: AccessActionName, id: string): Promise<Questions> {
  const service = await getService(db, id);
  return service ? ask(action, serviceResource(service)) : missing('service');
}

/** A backtest is a matter of its service. */
async function askBacktest({ db, action, id }: Looking): Promise<Questions> {
  const found = await readBacktest(db, id);
  return found ? askService(db, action, found.backtest.service) : missing('backtest');
}

/** An alert in its service. */
interface Placed {
  alert: Alert;
  service: Service;
}

async function placedAlerts(db: Database, ids: readonly string[]): Promise<Placed[]> {
  const [found, all] = await Promise.all([findAlerts(db, [...ids]), listServices(db)]);
  const services = new Map(all.map((service) => [service.id, service]));
  return found.flatMap((alert) => {
    const service = services.get(alert.service);
    return service ? [{ alert, service }] : [];
  });
}

/** One question for all alerts that look alike to the policy; ids of no alert ask nothing. */
function aboutEach(action: AccessActionName, alerts: readonly Placed[]): Question[] {
  const questions = alerts.map(({ alert, service }) => ({ action, resource: alertResource(service, alert), ids: [alert.id] }));
  return distinct(questions).map((question) => ({ ...question, subjects: 0 }));
}

/** Questions that differ by their ids and hits alone become one. */
function distinct(questions: readonly (Question & { ids: string[] })[]): (Question & { ids: string[] })[] {
  const byText = new Map<string, Question & { ids: string[] }>();
  for (const question of questions) {
    const text = JSON.stringify([question.resource, question.because?.of]);
    const { ids = [], hits } = byText.get(text) ?? {};
    const allHits = [...(hits ?? []), ...(question.hits ?? [])];
    byText.set(text, { ...question, ids: [...ids, ...question.ids], ...(question.hits && { hits: allHits }) });
  }
  return [...byText.values()];
}

/**
 * An alert that is judged harmless takes with it what policies hold because of it: that is for who may lift each of those, and their
 * subjects are counted as if each were lifted by itself.
 */
async function liftsOf(db: Database, now: number, placed: readonly Placed[]): Promise<(Question & { ids: string[] })[]> {
  const open = new Map(placed.flatMap((each) => (each.alert.state === 'resolved' ? [] : [[each.alert.id, each] as const])));
  const held = await readHeldByAlerts(
    db,
    [...open.values()].map(({ alert }) => alert),
    now,
  );
  const why = 'With this verdict, whatever policies hold because of the alert is lifted.';
  return distinct(
    held.flatMap((decision) => {
      const { alert, service } = open.get(decision.alertId ?? '') ?? {};
      if (alert === undefined || service === undefined) return [];
      const because = { of: alertResource(service, alert), why };
      const hits = [{ service: decision.service, ...decision.subject }];
      return [
        { action: 'decision.lift', resource: decisionResource(service, decision), hits, ids: [alert.id], because } as const,
      ];
    }),
  );
}

/** Operations whose resource is not told by path and class alone. */
const lookups: Partial<Record<OperationName, Lookup>> = {
  createService: async ({ action, input }) => {
    const body = input.body as ParsedBody<'createService'>;
    return ask(action, serviceResource(body));
  },
  updateService: async ({ db, action, id, input }) => {
    const service = await getService(db, id);
    if (service === undefined) return missing('service');
    const actions = [action, ...graver(service, input.body as ParsedBody<'updateService'>)];
    return { type: 'ask', questions: actions.map((each) => ({ action: each, resource: serviceResource(service) })) };
  },
  decide: async ({ db, action, input }) => {
    const { service: id, action: effect, subject } = input.body as ParsedBody<'decide'>;
    const service = await getService(db, id);
    if (service === undefined) return missing('service');
    const made = { action: effect, mode: 'enforced', subjectType: subject.type, byPerson: true } as const;
    return ask(action, decisionClass(service, made), { hits: [{ service: id, ...subject }] });
  },
  neighbours: ({ db, action, input }) => askService(db, action, (input.query as ParsedQuery<'neighbours'>).service),
  backtest: (looking) => askBacktest(looking),
  cancelBacktest: (looking) => askBacktest(looking),
  resolve: async ({ db, now, action, id, input }) => {
    const placed = await placedAlerts(db, [id]);
    if (placed.length === 0) return missing('alert');
    const lifts = clearsSubject((input.body as ParsedBody<'resolve'>).verdict) ? await liftsOf(db, now, placed) : [];
    // About one alert, which is refused as a whole.
    return { type: 'ask', questions: [...aboutEach(action, placed), ...lifts].map(({ ids: _, ...question }) => question) };
  },
  triage: async ({ db, now, input }) => {
    const { act, alerts } = input.body as ParsedBody<'triage'>;
    const placed = await placedAlerts(
      db,
      alerts.map(({ id }) => id),
    );
    const lifts = act.type === 'resolve' && clearsSubject(act.verdict) ? await liftsOf(db, now, placed) : [];
    const ends = placed.filter(({ alert }) => act.type === 'resolve' || (act.type === 'undo' && alert.state === 'resolved'));
    const others = placed.filter((each) => !ends.includes(each));
    const action = act.type === 'acknowledge' ? 'alert.acknowledge' : 'alert.triage';
    return { type: 'ask', questions: [...aboutEach('alert.resolve', ends), ...aboutEach(action, others), ...lifts] };
  },
  settlePending: async ({ db, now, action, id }) => {
    const service = await getService(db, id);
    if (service === undefined) return missing('service');
    return ask(action, serviceResource(service), { subjects: await countPending(db, id, now), hits: [] });
  },
};

/** What of a change is graver than a change: to let somebody through whatever happens, and to look or act less. */
function graver(before: Service, { policy, dryRun, settings, historyDays }: ParsedBody<'updateService'>): AccessActionName[] {
  const rank = ['monitor', 'throttle', 'block'];
  const weaker = policy !== undefined && rank.indexOf(policy) < rank.indexOf(before.policy);
  return [
    ...(settings?.allow === undefined ? [] : ['service.allow' as const]),
    ...(weaker || (dryRun === true && !before.dryRun) || weakens(before.settings, settings ?? {}) || forgets(before, historyDays)
      ? ['service.weaken' as const]
      : []),
  ];
}

/** Whether request logs, which are evidence, could be thrown away sooner. How long the installation keeps them is not known here. */
const forgets = ({ historyDays: before }: Service, days: number | null | undefined): boolean =>
  days !== undefined && days !== before && (days === null || before === null || days < before);

const serviceOfInput = ({ body, query }: OperationInput): string | undefined =>
  (body as { service?: string } | undefined)?.service ?? (query as { service?: string } | undefined)?.service;

/** @throws where the store is away. */
export async function questionsOf(name: OperationName, input: OperationInput, db: Database, now: number): Promise<Questions> {
  const { action, path, method }: Operation = adminApi[name];
  if (action === null) throw new Error(`${name} is open: nobody is to be asked`);
  const on = accessActionOf(action).on;
  if (on === 'Installation') return ask(action, INSTALLATION);
  const id = (input.params as { id?: string } | undefined)?.id ?? '';
  const own = lookups[name] ?? (isOfService(path) ? undefined : byIdOf(path, on));
  if (own) return own({ db, now, name, action, id, input });
  const serviceId = isOfService(path) ? id : serviceOfInput(input);
  const isList = method === 'GET' && !isOfService(path);
  if (isList && (serviceId === undefined || !isWhole(on))) return { type: 'each' };
  if (serviceId === undefined) throw new Error(`${name} does not say on which service it works`);
  const service = await getService(db, serviceId);
  // Of a list too: an empty one would tell a service that is hidden, which is none, from one that is not there.
  if (service === undefined) return missing('service');
  return ask(action, on === 'Key' ? keyResource(service) : serviceResource(service));
}

const isOfService = (path: string): boolean => path.startsWith('/api/services/{id}');
const byIdOf = (path: string, on: ResourceClass): Lookup | undefined => (path.includes('{id}') ? byId[on] : undefined);
/** Told by its service alone. */
const isWhole = (on: ResourceClass): boolean => on === 'Service' || on === 'Key';

/** Operations of which nobody could say on what they work: the start of the process asks. */
export function unplaced(): OperationName[] {
  return (Object.keys(adminApi) as OperationName[]).filter((name) => {
    const { action, path, method }: Operation = adminApi[name];
    if (action === null || lookups[name]) return false;
    const on = accessActionOf(action).on;
    if (on === 'Installation' || isOfService(path)) return on !== 'Installation' && !isWhole(on);
    return path.includes('{') ? byIdOf(path, on) === undefined : method !== 'GET' && !isWhole(on);
  });
}
