/** The limits of the process as it is started, none changed for a test: that documents say what holds, and that it does. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../test/setup/admin-server.js';
import { HTTP_LIMITS } from './app.js';
import { Budget } from './auth/budget.js';
import { CALL_LIMIT, CALLS } from './auth/call-budget.js';
import { MAX_JSON_DEPTH } from './http/json-depth.js';
import { STORE_LIMITS } from './stores.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const seconds = (ms: number) => `${ms / 1_000} s`;

describe('the limits of the process', () => {
  it('are those that the documents name', () => {
    const { bodyBytes, headersMs, requestMs, answerMs, streamMs } = HTTP_LIMITS;
    const { connections, statementMs, commandMs } = STORE_LIMITS;
    const security = readFileSync('docs/security.md', 'utf8');
    expect(security).toContain(
      `A body is at most ${bodyBytes / 1024} kB and ${MAX_JSON_DEPTH} levels deep; headers must be there within ${seconds(headersMs)}, the body within ` +
        `${seconds(requestMs)}; an answer within ${seconds(answerMs)}, a statement of the database within ${seconds(statementMs)}: then 503`,
    );
    const { calls, windowMs } = CALL_LIMIT;
    const [pace, burst] = [calls / (windowMs / 1_000), calls.toLocaleString('en')];
    expect(security).toContain(`calls ${pace} times a second at most (${burst} at once)`);
    const operations = readFileSync('docs/operations.md', 'utf8');
    expect(operations).toContain(
      `| admin | PostgreSQL | ${connections}; a statement ${seconds(statementMs)}, a connection 5 s |`,
    );
    expect(operations).toContain(`| admin | Redis | 2 (commands, subscriptions); a command ${seconds(commandMs)} |`);
    expect(operations).toContain(`an answer ends after ${seconds(answerMs)}, a file after ${streamMs / 60_000} minutes`);
  });

  it('are those of the server that listens and of its connections', async () => {
    const { headersTimeout, requestTimeout } = server.app.getHttpServer() as { headersTimeout: number; requestTimeout: number };
    expect([headersTimeout, requestTimeout]).toEqual([HTTP_LIMITS.headersMs, HTTP_LIMITS.requestMs]);
    expect(server.app.get(CALLS)).toBe(CALL_LIMIT);
    const { rows } = await server.db.$client.query<{ statement_timeout: string }>('show statement_timeout');
    expect(rows).toEqual([{ statement_timeout: `${STORE_LIMITS.statementMs / 1_000}s` }]);
    expect(server.db.$client.options.connectionTimeoutMillis).toBe(5_000);
    expect(server.context.redis.options.commandTimeout).toBe(STORE_LIMITS.commandMs);
  });

  it('take a body that is as long as the limit, and none that is a byte longer', async () => {
    const statuses = [0, 1].map(async (more) => {
      const body = JSON.stringify({ id: 'x'.repeat(HTTP_LIMITS.bodyBytes - '{"id":""}'.length + more) });
      const headers = { 'content-type': 'application/json' };
      const { status } = await server.fetch('/api/services', { method: 'POST', body, headers }, owner);
      return [Buffer.byteLength(body), status];
    });
    expect(await Promise.all(statuses)).toEqual([
      [65_536, 400],
      [65_537, 413],
    ]);
  });

  it('give one person 3,000 calls at once, and 200 more with each second', () => {
    const budget = new Budget(CALL_LIMIT.calls, CALL_LIMIT.windowMs);
    const taken = (times: number, now: number) =>
      Array.from({ length: times }, () => budget.take('per_a', now)).filter((wait) => wait === 0).length;
    expect([taken(4_000, 0), taken(4_000, 1_000), taken(4_000, 1_000), taken(4_000, 60_000)]).toEqual([3_000, 200, 0, 3_000]);
  });
});

describe('connections to PostgreSQL', () => {
  it('are ten at most: a call waits for one, and after five seconds is a 503 with a time to try again', async () => {
    const pool = server.db.$client;
    const held = await Promise.all(Array.from({ length: STORE_LIMITS.connections }, () => pool.connect()));
    try {
      const late = owner.call('alerts');
      await expect.poll(() => pool.waitingCount).toBeGreaterThan(0);
      expect(pool.totalCount).toBe(10);
      held.pop()?.release();
      expect((await late).status).toBe(200);
      held.push(await pool.connect());
      const answer = await owner.call('alerts');
      expect([answer.status, answer.body['code'], answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    } finally {
      for (const client of held) client.release();
    }
    expect((await owner.call('alerts')).status).toBe(200);
  });
});
