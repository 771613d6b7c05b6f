/** A request log of the simulation, as the SDK would have sent it and ingestion completed it. */
import type { RequestLog } from '@plimsoll/contracts';
import { type Endpoint, pathOf, type Service } from './catalogue.js';
import { Random } from './random.js';

/** What a request comes from. */
export interface Client {
  actor?: string;
  ip: string;
  userAgent: string;
  credential?: string;
  /** Number of the person or machine, for its own objects and for the books; -1 for nobody known. */
  number: number;
}

/** `attack` is the index of the label that the log belongs to, -1 for ordinary life. */
export interface Sample {
  log: RequestLog;
  attack: number;
  number: number;
}

export type Fields = Partial<
  Pick<RequestLog, 'path' | 'status' | 'durationMs' | 'bytesOut' | 'actor' | 'authenticated' | 'auth'>
>;

/** The log of one call. `id` must be unique within the run. */
export function logOf(
  id: string,
  ts: number,
  client: Client,
  service: Service,
  endpoint: Endpoint | undefined,
  random: Random,
  fields: Fields,
): RequestLog {
  const { actor, ip, userAgent, credential, number } = client;
  const status = fields.status ?? 200;
  const bytes = status < 300 ? random.lognormal(endpoint?.bytes ?? 500, 0.4) : 150;
  return {
    id,
    ts: Math.round(ts),
    method: endpoint?.method ?? 'GET',
    ...(endpoint ? { route: endpoint.route } : {}),
    path: fields.path ?? (endpoint ? pathOf(service, endpoint, random, Math.max(0, number)) : '/'),
    status,
    durationMs: Math.round(fields.durationMs ?? random.lognormal(endpoint?.ms ?? 3, 0.35)),
    bytesIn: 0,
    bytesOut: Math.round(fields.bytesOut ?? bytes),
    ip,
    userAgent,
    ...(actor === undefined ? {} : { actor }),
    authenticated: actor !== undefined && status !== 401,
    ...(credential === undefined ? {} : { credential }),
    verdict: 'allow',
    timing: 'live',
    ...(fields.actor === undefined ? {} : { actor: fields.actor }),
    ...(fields.authenticated === undefined ? {} : { authenticated: fields.authenticated }),
    ...(fields.auth === undefined ? {} : { auth: fields.auth }),
  };
}

/** The log as a plain access log with the user's name in it would have it: nobody tells the route, device, token, size or time. */
export function barely({ id, ts, method, path, status, ip, actor, authenticated, verdict, timing }: RequestLog): RequestLog {
  const nothing = { durationMs: 0, bytesIn: 0, bytesOut: 0, userAgent: '' };
  return {
    id,
    ts,
    method,
    path,
    status,
    ...nothing,
    ip,
    ...(actor === undefined ? {} : { actor }),
    authenticated,
    verdict,
    timing,
  };
}

const BROWSERS = [
  'Firefox/149',
  'Firefox/148',
  'Chrome/152',
  'Chrome/151',
  'Chrome/150',
  'Safari/26',
  'Edge/152',
  'App/9.1',
  'App/9.0',
];
const SYSTEMS = ['Windows NT 10.0', 'Macintosh', 'X11; Linux', 'iPhone', 'Android 16', 'Android 15', 'iPad'];
export const userAgentOf = (random: Random) => `Mozilla/5.0 (${random.pick(SYSTEMS)}) ${random.pick(BROWSERS)}`;

/** Addresses by neighbourhood (first number), so that two sorts of clients never share one by accident. */
export const addressOf = (neighbourhood: number, index: number) =>
  `${neighbourhood}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
export const NEIGHBOURHOOD = { home: 81, office: 82, carrier: 83, visitor: 84, machine: 85, crawler: 86, elsewhere: 45 } as const;
