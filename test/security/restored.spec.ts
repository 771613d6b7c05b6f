/** PostgreSQL is restored from an older backup while an SDK holds what was decided since, and the numbers of versions come again. */
import { type Guard, plimsoll } from '@plimsoll/sdk';
import { announceFeed, channelSchema, createDecision, schema } from '@plimsoll/storage';
import { and, eq, gt } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IngestServer } from '../setup/ingest-server.js';
import { Meddler } from '../setup/meddler.js';

let server: IngestServer;
let meddler: Meddler;
let guard: Guard;
beforeAll(async () => {
  server = await IngestServer.start({}, { beatMs: 200 });
});
afterAll(() => server.stop());
beforeEach(async () => {
  meddler = await new Meddler(server.app.url).start();
});
afterEach(async () => {
  await guard?.close(0);
  await meddler.stop();
});

async function block(...actors: string[]): Promise<void> {
  for (const id of actors) {
    const now = Date.now();
    const draft = {
      service: 'shop',
      action: 'block' as const,
      subject: { type: 'actor' as const, id },
      endpoint: null,
      rate: null,
      reason: 'test',
      origin: { type: 'person' as const, name: 'Ada' },
      alertId: null,
      until: now + 3_600_000,
    };
    const { version } = await server.db.transaction((tx) => createDecision(tx, draft, now));
    await announceFeed(server.redis, server.env.PLIMSOLL_NAMESPACE, 'shop', version);
  }
}
const versionNow = async (): Promise<number> => {
  const [row] = await server.db.select().from(schema.service).where(eq(schema.service.id, 'shop'));
  return row?.feedVersion ?? 0;
};
/** As the tables were at that version. */
async function restore(version: number): Promise<void> {
  const { feedMark } = channelSchema;
  await server.db.transaction(async (tx) => {
    await tx.delete(schema.decision).where(gt(schema.decision.version, version));
    await tx.delete(feedMark).where(and(eq(feedMark.service, 'shop'), gt(feedMark.version, version)));
    await tx.update(schema.service).set({ feedVersion: version }).where(eq(schema.service.id, 'shop'));
  });
}
const blocked = (...actors: string[]) => actors.filter((actor) => guard.check({ actor }).verdict === 'block');
const soon = <T>(probe: () => T) => expect.poll(probe, { timeout: 15_000, interval: 20 });

describe('after a restored backup', () => {
  it.each([
    ['a later number', ['d', 'e', 'f']],
    ['the same number', ['d', 'e']],
    ['an earlier number', ['d']],
  ])(
    'an instance enforces what is in the database, with %s',
    async (name, later) => {
      const named = (actors: readonly string[]) => actors.map((actor) => `${name} ${actor}`);
      guard = plimsoll({ url: meddler.url, key: server.key, flushMs: 10, onError: () => undefined });
      await guard.ready(10_000);
      await block(...named(['a']));
      const backup = await versionNow();
      await block(...named(['b', 'c']));
      const all = named(['a', 'b', 'c', 'd', 'e', 'f']);
      await soon(() => blocked(...all)).toEqual(named(['a', 'b', 'c']));
      // Out of reach meanwhile, as ingestion is while it is restored.
      const { port } = new URL(meddler.url);
      await meddler.stop();
      await restore(backup);
      await block(...named(later));
      meddler = await new Meddler(server.app.url).start(Number(port));
      await soon(() => blocked(...all)).toEqual(named(['a', ...later]));
      await block(...named(['later']));
      await soon(() => blocked(...named(['later']))).toHaveLength(1);
      expect(blocked(...all)).toEqual(named(['a', ...later]));
    },
    40_000,
  );

  it('under open streams it is noticed with the next decision at the latest', async () => {
    guard = plimsoll({ url: server.app.url, key: server.key, flushMs: 10, onError: () => undefined });
    await guard.ready(10_000);
    await block('open a');
    const backup = await versionNow();
    await block('open b', 'open c');
    await soon(() => blocked('open b', 'open c')).toHaveLength(2);
    await restore(backup);
    await block('open d', 'open e', 'open f');
    await soon(() => blocked('open a', 'open b', 'open c', 'open d', 'open e', 'open f')).toEqual([
      'open a',
      'open d',
      'open e',
      'open f',
    ]);
  }, 40_000);
});
