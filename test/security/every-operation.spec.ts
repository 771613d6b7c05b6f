/**
 * What must hold of every operation of the contract, whatever it is for (T21, T22, T23, T25, T44 of the attack list), against one
 * running server with a history. The operations come from the contract, so that a new one is tried by itself.
 */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { OperationName } from '@plimsoll/contracts';
import { createKey, createSignInLink } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, expectQuiet, type Visitor } from '../setup/admin-server.js';
import { answeredFields, fieldsOf, inputs, neededQuery, openObjects, operationNames, operationOf } from '../setup/contract.js';
import { makeLog } from '../setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../setup/history.js';
import { insertAlert, insertAlertRequest, insertMinute, insertPending, insertService, T0 } from '../setup/records.js';

let server: AdminServer;
let kept: OwnHistory;
let owner: Visitor;
let viewer: Visitor;
let before: Record<string, string>;
/** Ids of what there is, by the part of a path before them. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  kept = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: kept.readerUrl } });
  await insertService(server.db);
  await keepLogs(kept.history, 'shop', [makeLog({ id: 'log-1', ts: T0, actor: 'ada' })]);
  [owner, viewer] = [await server.signIn('owner', 'Ada', server.holder, true), await server.signIn('viewer', 'Eve')];
  await owner.call('makeRecoveryCodes');
  await owner.call('saveView', { body: { name: 'Nights', search: '?kind=rate' } });
  await createSignInLink(server.db, viewer.person.id, server.now());
  ids['alerts'] = await insertAlert(server.db);
  await insertAlertRequest(server.db, ids['alerts']);
  await insertMinute(server.db, { minute: T0 });
  ids['decisions'] = await insertPending(server.db);
  ids['keys'] = (await createKey(server.db, { service: 'shop', name: 'k' }, T0)).key.id;
  ids['services'] = 'shop';
  ids['members'] = owner.person.id;
  ids['history'] = 'log-1';
  ids['access-policies'] = await madePolicy();
  ids['backtests'] = String((await owner.call('createBacktest', { body: { service: 'shop', days: 1 } })).body['id']);
  before = await tables();
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await kept?.drop();
});

async function madePolicy(): Promise<string> {
  const text = 'forbid (principal, action == Action::"decision.make", resource) when { principal.role == "viewer" };';
  return String((await owner.call('createAccessPolicy', { body: { name: 'Not for viewers', text } })).body['id']);
}

/** A digest of each table but of what tells of requests: what people did, and when a session or a passkey was used. */
async function tables(): Promise<Record<string, string>> {
  const { rows } = await server.db.execute<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of rows.filter((table) => !/^audit|^session$|^spent_/.test(table.name))) {
    const of = sql`select md5(coalesce(string_agg(row, '|' order by row), '')) as digest from (select (to_jsonb(t) - '{last_used_at,counter}'::text[])::text as row from ${sql.identifier(name)} t) rows`;
    digests[name] = (await server.db.execute<{ digest: string }>(of)).rows[0]?.digest ?? '';
  }
  return digests;
}

const placeOf = (path: string): string =>
  path.split('/')[path.startsWith('/api/history') ? 2 : path.split('/').indexOf('{id}') - 1] ?? '';
const paramsOf = (name: OperationName) => ({ id: ids[placeOf(operationOf(name).path)] ?? 'none' });
const queries = inputs.filter(({ part }) => part === 'query');
const bodies = inputs.filter(({ part }) => part === 'body');
/** A plain value of each field that some operation cannot do without. */
const plain: Record<string, string> = {
  service: 'shop',
  ts: String(T0),
  text: 'ada',
  type: 'actor',
  subject: 'ada',
  alerts: 'alt_x',
};
const needed = (name: OperationName) => neededQuery(name, plain);
/** By an open operation or as an owner; a raw query or body, as it stands. */
const raw = (name: OperationName, { query = '', body }: { query?: string; body?: string }): Promise<Answer> => {
  const { method, path, open } = operationOf(name);
  const url = path.replace(/\{(\w+)\}/g, () => paramsOf(name).id) + query;
  const init = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
  return server.fetch(url, { method, ...init }, open ? { holder: owner.holder } : owner);
};

describe('T21: fields that nobody asked for', () => {
  /** What is open, and why that is well. */
  const open: Record<string, string> = {
    'checkAccessPolicy body.json': 'a syntax tree of Cedar, which says itself what it takes',
    ...Object.fromEntries(
      ['addPasskey body.attestation', 'signInWithPasskey body.assertion'].flatMap((place) => [
        [`${place}.response`, 'browsers add members of their own; what is not named is dropped'],
        [`${place}.clientExtensionResults`, 'extensions of browsers; none is read'],
      ]),
    ),
  };

  it('every object of every input is closed, but for those that are named here', () => {
    expect(inputs.length).toBeGreaterThan(60);
    expect(inputs.flatMap(openObjects).sort()).toEqual(Object.keys(open).sort());
  });

  it('no operation takes a member that only answers have, nor one of the classics', () => {
    const foreign = [
      ...new Set([...answeredFields(), 'org_id', 'orgId', 'tenant', 'isAdmin', 'is_admin', 'admin', 'permissions', 'hash']),
    ];
    expect(foreign).toEqual(expect.arrayContaining(['createdAt', 'role', 'personId', 'version', 'id']));
    for (const input of inputs) {
      const strange = foreign.filter((field) => !fieldsOf(input).includes(field));
      const read = input.schema.safeParse(Object.fromEntries(strange.map((field) => [field, 'x'])));
      const named = read.error?.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
      expect([input.name, input.part, named]).toEqual([input.name, input.part, strange]);
    }
  });
});

describe('T22: what answers must not hold', () => {
  const SECRET = /hash|secret|sealed|salt|successor|public_key|user_handle|jkt|private/;

  /** Value -> table and column, of every column that is named like a secret; the chain of the audit is public. */
  async function secrets(): Promise<Map<string, string>> {
    const { rows } = await server.db.execute<{ table: string; column: string }>(
      sql`select table_name as table, column_name as column from information_schema.columns
        where table_schema = 'public' and data_type = 'text' order by 1, 2`,
    );
    const found = new Map<string, string>();
    for (const { table, column } of rows.filter((each) => SECRET.test(each.column) && !/^audit(_head)?$/.test(each.table))) {
      const of = sql`select distinct ${sql.identifier(column)} as value from ${sql.identifier(table)}`;
      const values = (await server.db.execute<{ value: string | null }>(of)).rows;
      for (const { value } of values) if (value !== null && value.length >= 16) found.set(value, `${table}.${column}`);
    }
    const { env } = server.context;
    for (const key of ['PLIMSOLL_MASTER_KEY', 'PLIMSOLL_FEED_KEY'] as const) found.set(env[key].toString('base64url'), key);
    return found;
  }
  const reads = operationNames.filter((name) => operationOf(name).method === 'GET');

  it('nothing that the tables keep secret, to whomever', async () => {
    const hidden = await secrets();
    expect([...hidden.values()]).toEqual(
      expect.arrayContaining(['passkey.public_key', 'refresh_token.hash', 'service_key.hash', 'session.jkt']),
    );
    for (const visitor of [owner, viewer]) {
      for (const name of reads) {
        const { status, text } = await visitor.call(name, { params: paramsOf(name), query: needed(name) });
        // An answer that is a refusal tells nothing of what it would have held.
        const told = visitor === owner ? [200] : [200, 403];
        expect([name, told.includes(status) ? 'answered' : status]).toEqual([name, 'answered']);
        for (const [value, place] of hidden) expect([name, text.includes(value) ? place : '']).toEqual([name, '']);
      }
    }
  });

  it('nor to a viewer where others are and by which machine', async () => {
    const [agent, address] = [`canary/${randomUUID()}`, '203.0.113.77'];
    await server.db.execute(
      sql`update session set user_agent = ${agent}, address = ${address} where person_id = ${owner.person.id}`,
    );
    server.advance(6_000);
    expect((await owner.call('account')).text).toContain(agent);
    for (const name of reads) {
      const { text } = await viewer.call(name, { params: paramsOf(name), query: needed(name) });
      for (const told of [agent, address]) expect([name, text.includes(told)]).toEqual([name, false]);
    }
  });
});

describe('T23: injection', () => {
  const texts = ["' or 1=1; drop table alert --", "\\'%\u0000", '{"$ne":1}', 'asc, pg_sleep(9)', 'a'.repeat(900)];

  it('every field of every query takes each text as a text, or refuses it', async () => {
    for (const input of queries) {
      const asked = await owner.call(input.name, { params: paramsOf(input.name), query: needed(input.name) });
      expect([input.name, asked.status]).toEqual([input.name, 200]); // What is refused below is refused for its text.
      for (const field of fieldsOf(input)) {
        const ask = (text: string) =>
          owner.call(input.name, { params: paramsOf(input.name), query: { ...needed(input.name), [field]: text } });
        for (const answer of await Promise.all(texts.map(ask))) {
          expect([input.name, field, [200, 400, 404, 429].includes(answer.status)]).toEqual([input.name, field, true]);
          expectQuiet(answer);
        }
      }
    }
  }, 60_000);

  it('no operator and no parameter twice gets into a query', async () => {
    for (const input of queries) {
      for (const field of fieldsOf(input)) {
        for (const query of [`?${field}[$ne]=1`, `?${field}[]=1`, `?${field}=1&${field}=2`, `?${field}.x=1`]) {
          expect([input.name, query, (await raw(input.name, { query })).status]).toEqual([input.name, query, 400]);
        }
      }
    }
  });

  it('no id is more than an id', async () => {
    for (const name of operationNames.filter((each) => operationOf(each).params)) {
      for (const id of ["a' or 1=1", '../x', '%00', '{"$ne":1}', 'a'.repeat(90)]) {
        const { status } = await owner.call(name, { params: { id } });
        expect([name, id, status]).toEqual([name, id, 400]);
      }
    }
  });
});

describe('T25: prototype pollution', () => {
  it('is refused in every body and query', async () => {
    for (const { name } of bodies) {
      for (const body of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']) {
        expect([name, (await raw(name, { body })).status]).toEqual([name, 400]);
      }
    }
    for (const { name } of queries) {
      for (const query of ['?__proto__=1', '?__proto__[polluted]=1', '?constructor.prototype.polluted=1'])
        expect([name, (await raw(name, { query })).status]).toEqual([name, 400]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('T44: what faults tell', () => {
  it.each([
    '/metrics',
    '/debug',
    '/.env',
    '/.git/config',
    '/swagger',
    '/api-docs',
    '/graphql',
    '/server-status',
    '/package.json',
  ])('there is nothing at %s', async (path) => {
    const answer = await server.fetch(path, {}, owner);
    expectQuiet(answer);
    expect(answer.text).not.toMatch(/"dependencies"|"name":|\[core\]|PLIMSOLL_/);
  });

  it('health is one word', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await server.fetch(path)).text).toBe('{"status":"ok"}');
  });

  it('TRACE does not speak', async () => {
    const answered = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asked = request(`${server.origin}/api/me`, { method: 'TRACE', headers: { 'x-canary': 'echo-me' } }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, text }));
      });
      asked.on('error', reject).end();
    });
    expect(answered.status).toBeGreaterThanOrEqual(400);
    expect(answered.text).not.toContain('echo-me');
  });

  it('a fault of ours is a number to look it up by, and no word more', async () => {
    expect(server.logLines.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
    await server.db.execute(sql`alter table saved_view rename to saved_view_away`);
    const answer = await owner.call('savedViews');
    await server.db.execute(sql`alter table saved_view_away rename to saved_view`);
    const requestId = answer.headers.get('x-request-id');
    expect([answer.status, answer.body['code'], answer.body['requestId']]).toEqual([500, 'internal', requestId]);
    expectQuiet(answer);
    expect(answer.text).not.toContain('saved_view');
    const logged = server.logLines.filter((line) => line.includes(String(requestId)) && JSON.parse(line).level >= 50);
    expect(logged.join('')).toContain('saved_view');
  });
});

describe('after all that', () => {
  it('nothing in the tables is other than it was', async () => {
    expect(await tables()).toEqual(before);
  });
});
