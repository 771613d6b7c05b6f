/** For the tests of this folder: logs through a whole model, second by second, as the product does. */
import { DEFAULT_SETTINGS, type RequestLog } from '@plimsoll/contracts';
import { type Finding, Model } from '@plimsoll/detection';

export const NOON = Date.UTC(2026, 0, 5, 12);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

let made = 0;

export function request(ts: number, ip: string, fields: Partial<RequestLog> = {}): RequestLog {
  made += 1;
  const { route = '/page' } = fields;
  const usual = { durationMs: 5, bytesIn: 0, bytesOut: 100, userAgent: '', verdict: 'allow', timing: 'live' } as const;
  return {
    id: `w${made}`,
    ts,
    ip,
    method: 'GET',
    path: route,
    status: 200,
    authenticated: fields.actor !== undefined,
    ...usual,
    ...fields,
  };
}

const signIn = { method: 'POST', route: '/login', path: '/login' } as const;

export const failure = (ts: number, ip: string, actor: string) =>
  request(ts, ip, { ...signIn, actor, status: 401, auth: 'failure', authenticated: false });

export const success = (ts: number, ip: string, actor: string) => request(ts, ip, { ...signIn, actor, auth: 'success' });

export const unknown = (ts: number, ip: string, path: string): RequestLog => {
  const { route: _, ...bare } = request(ts, ip, { status: 404 });
  return { ...bare, path };
};

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** @param between what is done with the model after each second */
export function played(
  logs: readonly RequestLog[],
  between = (model: Model) => model,
): { opened: string[]; findings: Finding[] } {
  const inOrder = [...logs].sort((a, b) => a.ts - b.ts);
  const findings: Finding[] = [];
  let model = new Model();
  for (let at = 0; at < inOrder.length; ) {
    const second = Math.floor((inOrder[at]?.ts ?? 0) / SECOND);
    for (; at < inOrder.length && Math.floor((inOrder[at]?.ts ?? 0) / SECOND) === second; at += 1) {
      const log = inOrder[at] as RequestLog;
      const name = log.route === undefined ? `${log.method} /*` : `${log.method} ${log.route}`;
      const assessment = model.assess('shop', log, name, DEFAULT_SETTINGS);
      findings.push(...assessment.findings);
      model.learn(assessment);
    }
    for (const contribution of model.takeContributions()) findings.push(...model.absorb(contribution, DEFAULT_SETTINGS));
    for (const population of model.takePopulations()) model.setPopulation(population);
    findings.push(...model.settle((second + 1) * SECOND));
    model = between(model);
  }
  const opened = findings.filter(({ phase }) => phase === 'opened').map(({ kind, subject }) => `${kind} ${subject.id}`);
  return { opened, findings };
}
