/** A store full of alerts, written by SQL in one statement: what the console is measured against, not how it got there. */
import { createService, openDatabase } from '@plimsoll/storage';
import { sql } from 'drizzle-orm';

export const SERVICE = 'bench';

/** Open alerts, one a second back from now, in every kind and severity. */
export async function fillAlerts(databaseUrl: string, alerts: number): Promise<void> {
  const { db, close } = openDatabase(databaseUrl, { max: 1 });
  try {
    const now = Date.now();
    await createService(db, { id: SERVICE }, now);
    await db.execute(sql`
      insert into alert (id, service, kind, severity, score, subject_type, subject_id, endpoint, observed, expected, "limit", unit,
        window_seconds, evidence, explanation, signals, points, historical, count, episode_count, first_at, last_at)
      select 'al_bench' || n, ${SERVICE}, (array['rate', 'drift', 'probing', 'scraping', 'enumeration'])[1 + n % 5],
        (array['low', 'medium', 'high', 'critical'])[1 + n % 4], 0.9, 'actor', 'user-' || n, 'GET /items/' || n % 50,
        80, 10, 20, 'requests', 60, '{"own": 12, "population": 40, "weight": 0.6}',
        'user-' || n || ' sent 80 requests in a minute; 20 would have raised no alert.', '[]', '[]', false, 80, 80,
        ${now}::bigint - n * 1000, ${now}::bigint - n * 1000
      from generate_series(1, ${alerts}::int) as n`);
    await db.execute(sql`vacuum analyze alert`);
  } finally {
    await close();
  }
}
