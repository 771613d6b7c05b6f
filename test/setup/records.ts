/** Records as workers leave them, for tests of what people read. */
import {
  createDecision,
  createKey,
  createService,
  type Database,
  type DecisionDraft,
  type KeyDraft,
  newId,
  schema,
} from '@plimsoll/storage';

type AlertRow = typeof schema.alert.$inferInsert;
type LogRow = typeof schema.alertRequest.$inferInsert;
type MinuteRow = typeof schema.trafficMinute.$inferInsert;

export const T0 = 1_790_000_040_000;

export async function insertService(db: Database, id = 'shop'): Promise<string> {
  await createService(db, { id }, T0);
  return id;
}

export async function insertAlert(db: Database, values: Partial<AlertRow> = {}): Promise<string> {
  const id = newId('alt');
  await db.insert(schema.alert).values({
    id,
    service: 'shop',
    kind: 'rate',
    severity: 'high',
    score: 0.9,
    subjectType: 'actor',
    subjectId: `user-${id}`,
    endpoint: 'GET /products',
    observed: 80,
    expected: 10,
    limit: 20,
    unit: 'requests',
    windowSeconds: 60,
    evidence: { own: 12, population: 40, weight: 0.6 },
    explanation: 'user sent 80 requests in a minute; 20 would have raised no alert.',
    signals: [{ name: 'rate', observed: 80, expected: 10, score: 0.9 }],
    points: [{ ts: T0, observed: 80, expected: 10, limit: 20 }],
    historical: false,
    count: 80,
    episodeCount: 80,
    firstAt: T0,
    lastAt: T0,
    ...values,
  });
  return values.id ?? id;
}

export async function insertAlertRequest(db: Database, alertId: string, log: Partial<LogRow['log']> = {}): Promise<string> {
  const full: LogRow['log'] = {
    id: newId('log'),
    ts: T0,
    method: 'GET',
    path: '/products',
    status: 200,
    durationMs: 3,
    bytesIn: 0,
    bytesOut: 512,
    ip: '192.0.2.7',
    userAgent: 'curl',
    authenticated: true,
    verdict: 'allow',
    timing: 'live',
    ...log,
  };
  await db.insert(schema.alertRequest).values({ alertId, logId: full.id, ts: full.ts, endpoint: 'GET /products', log: full });
  return full.id;
}

export async function insertMinute(db: Database, values: Partial<MinuteRow> & { minute: number }): Promise<void> {
  await db.insert(schema.trafficMinute).values({
    service: 'shop',
    endpoint: 'GET /products',
    requests: 10,
    errors: 1,
    clientErrors: 2,
    throttled: 0,
    blocked: 0,
    durationMs: 50,
    bytesOut: 1_000,
    ...values,
  });
}

type Change = Partial<DecisionDraft>;
async function insertBlock(db: Database, service: string, subject: string, change: Change): Promise<string> {
  const now = Date.now();
  const order = { service, action: 'block', subject: { type: 'actor', id: subject }, endpoint: null, rate: null } as const;
  const rest = { reason: 'flood', origin: { type: 'policy', name: 'block' }, alertId: null, until: now + 3_600_000 } as const;
  const made = await db.transaction((tx) => createDecision(tx, { ...order, ...rest, ...change }, now));
  return made?.id ?? '';
}

/** A policy's block because of an alert, in force as of now, on the subject of {@link insertAlert}. */
export const insertHeld = (db: Database, alertId: string, change: Change = {}): Promise<string> =>
  insertBlock(db, 'shop', `user-${alertId}`, { alertId, ...change });

/** A policy's block that waits for a person, as of now. */
export const insertPending = (db: Database, service = 'shop', subject = newId('usr')): Promise<string> =>
  insertBlock(db, service, subject, { until: Date.now() + 600_000, weight: 9, room: 5 });

/** A key that may read the admin API of `shop`. @returns its secret */
export async function insertReadingKey(db: Database, now: number, draft: Partial<KeyDraft> = {}): Promise<string> {
  const whole = { service: 'shop', name: 'reader', scopes: ['admin:read' as const], pin: 'p'.repeat(22), ...draft };
  return (await createKey(db, whole, now)).secret;
}
