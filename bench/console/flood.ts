/** New alerts at a steady pace, as a worker leaves them: rows in PostgreSQL, then one message each on the live channel. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, findAlerts, openDatabase, openRedis, publishLive, schema } from '@plimsoll/storage';
import { SERVICE } from './store.js';

export interface Flood {
  /** @returns when so many milliseconds have gone by at that pace. */
  run(milliseconds: number, perSecond: number): Promise<void>;
  /** How many came so far. */
  sent(): number;
  close(): Promise<void>;
}

const STEP_MS = 50;
const kinds = ['rate', 'drift', 'probing', 'scraping', 'enumeration'];
const levels = ['low', 'medium', 'high', 'critical'];

const rowOf = (n: number, at: number): typeof schema.alert.$inferInsert => ({
  id: `al_live${n}`,
  service: SERVICE,
  kind: kinds[n % kinds.length] ?? 'rate',
  severity: levels[n % levels.length] ?? 'low',
  score: 0.9,
  subjectType: 'actor',
  subjectId: `live-${n}`,
  endpoint: `GET /items/${n % 50}`,
  observed: 80,
  expected: 10,
  limit: 20,
  unit: 'requests',
  windowSeconds: 60,
  evidence: { own: 12, population: 40, weight: 0.6 },
  explanation: `live-${n} sent 80 requests in a minute; 20 would have raised no alert.`,
  signals: [],
  points: [],
  historical: false,
  count: 80,
  episodeCount: 80,
  firstAt: at,
  lastAt: at,
});

async function insert(db: Database, from: number, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => rowOf(from + index, Date.now()));
  await db.insert(schema.alert).values(rows);
  return rows.map(({ id }) => id);
}

export function openFlood({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }): Flood {
  const { db, close } = openDatabase(databaseUrl, { max: 2 });
  const redis = openRedis(redisUrl, 'bench');
  let sent = 0;
  const step = async (count: number) => {
    const alerts = await findAlerts(db, await insert(db, sent, count));
    sent += count;
    await Promise.all(alerts.map((alert) => publishLive(redis, 'plimsoll', { type: 'alert', alert })));
  };
  return {
    run: async (milliseconds, perSecond) => {
      const begin = performance.now();
      const first = sent;
      for (let elapsed = 0; elapsed < milliseconds; elapsed = performance.now() - begin) {
        // By the clock, so that a slow step is made up for and the pace holds.
        const due = Math.floor((Math.min(elapsed, milliseconds) * perSecond) / 1000) - (sent - first);
        if (due > 0) await step(due);
        await sleep(STEP_MS);
      }
    },
    sent: () => sent,
    close: async () => {
      redis.disconnect();
      await close();
    },
  };
}
