/**
 * The golden matrix of the platform policies: who (persona) may do what (every action) on what (in the own team, in another
 * one) under which circumstances. Small lists, multiplied: a new action is in it by itself.
 */
import {
  type AccessContext,
  type AccessPrincipal,
  type AccessRequest,
  type AccessResource,
  accessActionNames,
  accessActionOf,
  accessContextSchema,
  accessPrincipalSchema,
  accessResourceSchema,
} from '../../libs/contracts/src/index.js';

const person = (role: string, more: object = {}): AccessPrincipal => accessPrincipalSchema.parse({ id: 'p', role, ...more });
const sales = { everyTeam: false, teams: ['sales'] };
/** Owners with one passkey are what a real installation has; those without are in their first minutes. */
export const personas: Record<string, AccessPrincipal> = {
  'new owner': person('owner'),
  owner: person('owner', { passkeys: 1 }),
  'owner in sales': person('owner', { passkeys: 1, ...sales }),
  'owner of no team': person('owner', { everyTeam: false }),
  'new analyst': person('analyst'),
  analyst: person('analyst', { passkeys: 1 }),
  'analyst in sales': person('analyst', { passkeys: 2, ...sales }),
  'analyst of ledger': person('analyst', { everyTeam: false, services: ['ledger'] }),
  viewer: person('viewer', { passkeys: 1 }),
  'viewer in sales': person('viewer', sales),
  'owner of plimsoll-admin': person('owner', { everyTeam: false, services: ['plimsoll-admin'] }),
  'key of shop': person('key', { everyTeam: false, services: ['shop'] }),
  guest: person('guest'),
};

const T = 1_790_000_000_000;
const circumstances = (more: object): AccessContext => accessContextSchema.parse({ time: T, ...more });
const passkey = { amr: ['passkey'], userVerified: true };
export const contexts: Record<string, AccessContext> = {
  link: circumstances({}),
  passkey: circumstances(passkey),
  'proved 299 s ago': circumstances({ ...passkey, stepUpAgeSeconds: 299 }),
  'proved 300 s ago': circumstances({ ...passkey, stepUpAgeSeconds: 300 }),
  'proved by touch': circumstances({ amr: ['passkey'], stepUpAgeSeconds: 0 }),
  'risk 49': circumstances({ ...passkey, risk: 49 }),
  'risk 50': circumstances({ ...passkey, risk: 50 }),
  'risk 50, proved 299 s ago': circumstances({ ...passkey, risk: 50, stepUpAgeSeconds: 299 }),
  'risk 50, proved 300 s ago': circumstances({ ...passkey, risk: 50, stepUpAgeSeconds: 300 }),
  'risk 50, proved by touch': circumstances({ amr: ['passkey'], risk: 50, stepUpAgeSeconds: 0 }),
  'risk 80': circumstances({ ...passkey, stepUpAgeSeconds: 0, risk: 80 }),
  'risk 81': circumstances({ ...passkey, stepUpAgeSeconds: 0, risk: 81 }),
  '20 subjects': circumstances({ ...passkey, subjects: 20 }),
  '21 subjects': circumstances({ ...passkey, subjects: 21 }),
  '21 subjects, proved 299 s ago': circumstances({ ...passkey, subjects: 21, stepUpAgeSeconds: 299 }),
  '21 subjects, proved 300 s ago': circumstances({ ...passkey, subjects: 21, stepUpAgeSeconds: 300 }),
  '21 subjects, proved by touch': circumstances({ amr: ['passkey'], subjects: 21, stepUpAgeSeconds: 0 }),
};

const places = {
  shop: { service: 'shop', team: 'sales' },
  ledger: { service: 'ledger', team: 'bank' },
  'plimsoll-admin': { service: 'plimsoll-admin', team: 'plimsoll' },
};

/** Where an action can happen, by its class. */
export function resourcesOf(type: AccessResource['type']): Record<string, AccessResource> {
  if (type === 'Installation') return { installation: { type } };
  return Object.fromEntries(
    Object.entries(places).map(([name, place]) => [name, accessResourceSchema.parse({ type, ...place })]),
  );
}

export interface Row {
  /** `owner · key.create · shop` */
  line: string;
  context: string;
  request: AccessRequest;
}

/** Of the console's own service it matters who asks for what, and hardly how: these two tell every deed there apart. */
const AT_HOME: readonly string[] = ['passkey', 'proved 299 s ago'];
const circumstancesAt = (where: string) =>
  Object.entries(contexts).filter(([name]) => where !== 'plimsoll-admin' || AT_HOME.includes(name));

/** Every combination, in a fixed order. */
export const rows: readonly Row[] = Object.entries(personas).flatMap(([who, principal]) =>
  accessActionNames.flatMap((action) =>
    Object.entries(resourcesOf(accessActionOf(action).on)).flatMap(([where, resource]) =>
      circumstancesAt(where).map(([name, context]) => ({
        line: `${who} · ${action} · ${where}`,
        context: name,
        request: { principal, action, resource, context },
      })),
    ),
  ),
);

/** One line for each persona, action and place; a letter for each of the circumstances: `a` allowed, `.` denied, a blank is not asked. */
export function draw(allows: (request: AccessRequest) => boolean): string {
  const names = Object.keys(contexts);
  const lines = new Map<string, string>();
  for (const { line, context, request } of rows) {
    lines.set(line, (lines.get(line) ?? '').padEnd(names.indexOf(context)) + (allows(request) ? 'a' : '.'));
  }
  const width = 64;
  const legend = names.map((name, index) => `# ${String(index + 1).padStart(2)} ${name}`);
  return [...legend, ...[...lines].map(([line, letters]) => `${line.padEnd(width)}  ${letters}`), ''].join('\n');
}
