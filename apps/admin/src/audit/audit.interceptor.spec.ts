/** That a change leaves one row: whatever function of ours its handler writes it by, and where it writes none. */
import type { ExecutionContext } from '@nestjs/common';
import { readAudit, recordAudit } from '@plimsoll/storage';
import { from, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { OPERATION } from '../api/operation.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { recordDeed } from './trail.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  owner = await server.signIn();
});
afterAll(() => server?.close());

/** Runs a handler of the operation `lift` behind the interceptor, and gives the actions of the rows that came. */
async function rowsOf(work: (caller: never) => Promise<unknown>): Promise<string[]> {
  const [last] = await readAudit(server.db, {}, { limit: 1 });
  const handler = (): void => {};
  Reflect.defineMetadata(OPERATION, 'lift', handler);
  const { person, session } = owner;
  const caller = { person, sessionId: session.accessToken.slice(0, 9), address: '::1', userAgent: '', requestId: 'r' } as never;
  const request = { caller, params: { id: 'dec_1' }, body: { reason: 'x' } };
  const context = { getHandler: () => handler, switchToHttp: () => ({ getRequest: () => request }) };
  const interceptor = new AuditInterceptor(server.context);
  const handled = interceptor.intercept(context as unknown as ExecutionContext, { handle: () => from(work(caller)) });
  expect(await lastValueFrom(handled)).toBe('answer');
  const rows = await readAudit(server.db, {}, { limit: 10 });
  return rows.filter(({ id }) => id > (last?.id ?? 0)).map(({ action }) => action);
}
const entry = { at: 1, personId: null, action: 'decision.lift', object: 'dec_1', detail: {}, address: '' };

describe('a change', () => {
  it('whose handler writes no row gets a plain one', async () => {
    expect(await rowsOf(async () => 'answer')).toEqual(['operation.lift']);
  });

  it.each<[string, (caller: never) => Promise<unknown>]>([
    ['as a deed of the caller', (caller) => recordDeed(server.db, caller, 1, { action: 'decision.lift', object: 'dec_1' })],
    ['by itself', () => recordAudit(server.db, entry)],
    ['in its transaction', () => server.db.transaction((tx) => recordAudit(tx, entry))],
  ])('whose handler writes one %s has that one alone', async (_, write) => {
    expect(
      await rowsOf(async (caller) => {
        await write(caller);
        return 'answer';
      }),
    ).toEqual(['decision.lift']);
  });

  it('is not told by a row that somebody else writes meanwhile', async () => {
    let go: () => void = () => {};
    const elsewhere = new Promise<void>((resolve) => {
      go = resolve;
    }).then(() => recordAudit(server.db, { ...entry, action: 'key.create' }));
    const rows = await rowsOf(async () => {
      go();
      await elsewhere;
      return 'answer';
    });
    expect(rows.sort()).toEqual(['key.create', 'operation.lift']);
  });
});
