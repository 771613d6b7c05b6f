/**
 * The ring of signing keys over two admin processes of one installation: rotation by the command of a third one, an emergency,
 * and unknown keys, which cost no I/O (T3, T4 of the attack list).
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { channelSchema, PUBLISHED_MS, schema } from '@plimsoll/storage';
import { eq, ne, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';

/** Keys are read anew each five seconds anyway: what is seen within three was most likely seen by the news of it. */
const SOON = { timeout: 3_000 };

let one: AdminServer;
let two: AdminServer;
let visitor: Visitor;
beforeAll(async () => {
  one = await AdminServer.start();
  two = await AdminServer.start({ shared: one });
  visitor = await one.signIn();
});
afterAll(async () => {
  await two?.close();
  await one?.close();
});

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
const published = async (server: AdminServer) => {
  const { body } = await server.fetch('/.well-known/jwks.json');
  return (body['keys'] as { kid: string }[]).map(({ kid }) => kid);
};
const rotate = (...args: string[]) => {
  const { DATABASE_URL, REDIS_URL, PLIMSOLL_NAMESPACE } = one.context.env;
  const env = { ...process.env, DATABASE_URL, REDIS_URL, PLIMSOLL_NAMESPACE };
  const command = [resolve('apps/cli/bin/plimsoll.mjs'), 'keys', 'rotate', '--data', '/nowhere', ...args];
  return promisify(execFile)(process.execPath, command, { env });
};
/** As if the next key had been published a while ago; the command goes by the system's clock. */
const agePublished = () => one.db.execute(sql`update signing_key set changed_at = changed_at - ${PUBLISHED_MS}`);
/** As who has a copy of the table would: old keys verify again, and sign nothing. */
async function putBack(rows: readonly (typeof channelSchema.signingKey.$inferSelect)[]): Promise<void> {
  for (const { kid, privateJwk } of rows) {
    const values = { state: 'retiring', privateJwk, changedAt: Date.now() };
    await one.db.update(channelSchema.signingKey).set(values).where(eq(channelSchema.signingKey.kid, kid));
  }
}
const refresh = async (): Promise<Visitor> => {
  const { body, cookie } = await one.refresh(visitor.cookie);
  return { ...visitor, session: body as unknown as Visitor['session'], cookie };
};

describe('rotation by command', () => {
  it('is refused while the next key may be unknown somewhere', async () => {
    await expect(rotate()).rejects.toMatchObject({ stderr: expect.stringContaining('try again in 10 min') });
  });

  it('signs by the key that was published, in every process, and loses nobody', async () => {
    const before = await published(one);
    await agePublished();
    expect((await rotate()).stdout).toContain('signed by');
    await expect.poll(async () => (await published(two)).length, SOON).toBe(3);
    const renewed = await refresh();
    const kid = kidOf(renewed.session.accessToken);
    expect([before.includes(kid), kid !== kidOf(visitor.session.accessToken)]).toEqual([true, true]);
    expect((await two.call('me', {}, renewed)).status).toBe(200);
    expect((await two.call('me', {}, visitor)).status).toBe(200);
    visitor = renewed;
  });
});

describe('in an emergency', () => {
  it('every token and key until now is void everywhere, and sessions live on', async () => {
    const before = await published(two);
    const kept = await one.db.select().from(channelSchema.signingKey).where(ne(channelSchema.signingKey.state, 'gone'));
    // Tokens are dated by whole seconds, and those of the emergency's own second count: this one is of a second before.
    await new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
    await rotate('--emergency');
    for (const server of [one, two]) {
      await expect.poll(() => server.call('me', {}, visitor).then(({ status }) => status), SOON).toBe(401);
      await expect.poll(async () => (await published(server)).filter((kid) => before.includes(kid)), SOON).toEqual([]);
    }
    await putBack(kept);
    for (const server of [one, two]) {
      await expect.poll(() => published(server), { timeout: 10_000 }).toContain(kidOf(visitor.session.accessToken));
      expect((await server.call('me', {}, visitor)).status).toBe(401);
    }
    const renewed = await refresh();
    expect((await two.call('me', {}, renewed)).status).toBe(200);
    expect((await one.db.select().from(schema.audit)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['keys.rotate', 'keys.drop']),
    );
  });
});

describe('T3, T4: keys that nobody has', () => {
  it('are refused without a question to any store', async () => {
    const alone = await AdminServer.start();
    const { session, holder } = await alone.signIn();
    const [, payload, signature] = session.accessToken.split('.');
    // What is asked about sessions, and proofs that are noted; the processes' own timers ask for other things.
    const asked: string[] = [];
    const watch = (owner: object, name: string, wanted: RegExp) => {
      const original = (Reflect.get(owner, name) as (...args: unknown[]) => unknown).bind(owner);
      Reflect.set(owner, name, (...args: unknown[]) => {
        const text = JSON.stringify(args[0] ?? '');
        if (wanted.test(text)) asked.push(text);
        return original(...args);
      });
    };
    watch(alone.db.$client, 'query', /session/);
    watch(alone.context.redis, 'set', /:proof:/);
    for (let i = 0; i < 50; i += 1) {
      const kid = Buffer.alloc(32, i).toString('base64url');
      const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid })).toString('base64url');
      const by = { holder, session: { accessToken: `${header}.${payload}.${signature}` } };
      expect((await alone.call('me', {}, by)).status).toBe(401);
    }
    expect(asked).toEqual([]);
    alone.advance(6_000); // The session is read again, so that the watch is known to see it.
    expect((await alone.call('me', {}, { holder, session })).status).toBe(200);
    expect(asked.map((text) => (text.includes(':proof:') ? 'proof' : 'session'))).toEqual(['session', 'proof']);
    await alone.close();
  });
});
