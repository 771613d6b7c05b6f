/**
 * Refreshes that race, against a real PostgreSQL: bursts of eight with one token, refresh against revoke, and a process that dies
 * between the commit and its answer. What is counted are violations: more or fewer than one live token, somebody signed out who
 * should not be, a refresh that survives a revocation.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  createPerson,
  type Database,
  openDatabase,
  openSession,
  readSessions,
  revokeSession,
  rotateSession,
  schema,
} from '@plimsoll/storage';
import { and, eq, isNull } from 'drizzle-orm';
import { type Figure, figure } from '../report.js';
import type { Stores } from './stores.js';

const PARALLEL = 8;
const JKT = 'k'.repeat(43);
const refresh = (db: Database, token: string, count?: number) =>
  rotateSession(db, { token, jkt: JKT, address: '192.0.2.1', ...(count !== undefined && { count }) }, Date.now());
const liveTokens = async (db: Database, sessionId: string) =>
  (
    await db
      .select()
      .from(schema.refreshToken)
      .where(and(eq(schema.refreshToken.sessionId, sessionId), isNull(schema.refreshToken.rotatedAt)))
  ).length;

/** @param rounds of bursts; a third as many races, a twentieth as many deaths. */
export async function races({ databaseUrl }: Stores, rounds: number): Promise<Figure[]> {
  const { db, close } = openDatabase(databaseUrl, { max: 12 });
  try {
    const { id: personId } = await createPerson(db, { name: 'Ada', role: 'owner' }, Date.now());
    const open = () =>
      db.transaction((tx) => openSession(tx, { personId, userAgent: 'bench', jkt: JKT, amr: 'passkey' }, Date.now()));
    let [inBursts, inRaces, inDeaths] = [0, 0, 0];
    for (let round = 0; round < rounds; round += 1) inBursts += await burst(db, open, round % 2 === 0);
    const raceRounds = Math.ceil(rounds * 0.3);
    for (let round = 0; round < raceRounds; round += 1) inRaces += await race(db, open);
    const deaths = Math.max(5, Math.ceil(rounds / 20));
    for (let round = 0; round < deaths; round += 1) inDeaths += await death(db, open, databaseUrl);
    return [
      figure(`violations in ${rounds} bursts of ${PARALLEL} parallel refreshes`, inBursts, 'violations', 0),
      figure(`survivors of ${raceRounds} refreshes against a revocation`, inRaces, 'violations', 0),
      figure(`violations in ${deaths} kills between commit and answer`, inDeaths, 'violations', 0),
    ];
  } finally {
    await close();
  }
}

type Open = () => ReturnType<typeof openSession>;

/** Half of the bursts count, as browsers do, and come in any order. */
async function burst(db: Database, open: Open, counted: boolean): Promise<number> {
  const { session, refreshToken } = await open();
  const answers = await Promise.all(
    Array.from({ length: PARALLEL }, (_, i) => refresh(db, refreshToken, counted ? ((i * 5) % PARALLEL) + 1 : undefined)),
  );
  const tokens = new Set(answers.map((answer) => (answer.type === 'rotated' ? answer.refreshToken : answer.type)));
  const alive = (await readSessions(db, [session.id])).get(session.id)?.revoked === false;
  const [next = ''] = tokens;
  const goesOn = (await refresh(db, next, counted ? PARALLEL + 1 : undefined)).type === 'rotated';
  return tokens.size === 1 && alive && goesOn && (await liveTokens(db, session.id)) === 1 ? 0 : 1;
}

async function race(db: Database, open: Open): Promise<number> {
  const { session, refreshToken } = await open();
  const [answer] = await Promise.all([
    refresh(db, refreshToken),
    db.transaction((tx) => revokeSession(tx, session.id, 'bench', Date.now())),
  ]);
  const dead = (await readSessions(db, [session.id])).get(session.id)?.revoked === true;
  const after = answer.type === 'rotated' ? (await refresh(db, answer.refreshToken)).type : 'refused';
  return dead && after === 'refused' ? 0 : 1;
}

/** Another process refreshes and is killed before it can answer: the browser asks again, and goes on. */
async function death(db: Database, open: Open, databaseUrl: string): Promise<number> {
  const { session, refreshToken } = await open();
  const script = fileURLToPath(new URL('./dies.js', import.meta.url));
  const child = spawn(process.execPath, [script, databaseUrl, refreshToken, JKT], { stdio: 'ignore' });
  const [, signal] = await once(child, 'exit');
  const committed = await db.select().from(schema.refreshToken).where(eq(schema.refreshToken.sessionId, session.id));
  const again = await refresh(db, refreshToken, 2);
  const onward = again.type === 'rotated' && (await refresh(db, again.refreshToken, 3)).type === 'rotated';
  return signal === 'SIGKILL' && committed.length === 2 && onward && (await liveTokens(db, session.id)) === 1 ? 0 : 1;
}
