/**
 * What the checks before an operation cost in one process: token, proof, session, used proofs in Redis, access policy. Proofs are
 * signed beforehand; what is measured is the server's part alone.
 */
import { randomBytes } from 'node:crypto';
import { AccessPolicy, Admission, type Context, createApp, readEnv } from '@plimsoll/admin';
import { adminApi, type Session } from '@plimsoll/contracts';
import { createPerson, createSignInLink, openDatabase, openRedis } from '@plimsoll/storage';
import { pino } from 'pino';
import { KeyHolder } from '../../test/setup/key-holder.js';
import { freePorts } from '../../test/setup/product.js';
import { type Figure, figure, quantile, spread } from '../report.js';
import type { Stores } from './stores.js';

const PATH = '/api/me';
const AT_ONCE = 16;

export async function checks({ databaseUrl, redisUrl }: Stores, requests: number): Promise<Figure[]> {
  const port = await freePorts();
  const origin = `http://localhost:${port}`;
  const env = readEnv({
    ...{ PLIMSOLL_NAMESPACE: 'bench', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PUBLIC_URL: origin, PORT: String(port) },
    ...{ PLIMSOLL_MASTER_KEY: randomBytes(32).toString('base64url'), PLIMSOLL_FEED_KEY: randomBytes(32).toString('base64url') },
  });
  const database = openDatabase(databaseUrl, { max: 10 });
  const redis = openRedis(redisUrl, 'admin', { impatientMs: 1_000 });
  const subscriber = openRedis(redisUrl, 'admin-live');
  const log = pino({ level: 'silent' });
  const base = { env, db: database.db, redis, subscriber, now: Date.now, log };
  const context: Context = { ...base, history: undefined };
  const app = await createApp(context);
  try {
    await app.listen(port, 'localhost');
    const holder = new KeyHolder();
    const { id } = await createPerson(database.db, { name: 'Ada', role: 'owner' }, Date.now());
    const body = JSON.stringify({ token: await createSignInLink(database.db, id, Date.now()) });
    const headers = { origin, 'content-type': 'application/json' };
    const answer = await holder.fetch(origin + adminApi.signIn.path, { method: 'POST', headers, body });
    const { accessToken } = (await answer.json()) as Session;
    const [admission, policy] = [app.get(Admission), app.get(AccessPolicy)];
    const check = async (proof: string): Promise<number> => {
      const begun = performance.now();
      const proved = { proofs: [proof], method: 'GET', path: PATH, address: '127.0.0.1', audience: 'admin' as const };
      const admitted = await admission.admit({ ...proved, authorization: `DPoP ${accessToken}` });
      if (admitted.type === 'refused') throw new Error(`refused: ${admitted.refusal}`);
      const asker = { ...admitted.principal, address: '127.0.0.1' };
      if (!policy.decide(asker, { action: 'session.read', resource: { type: 'Installation' } }).allowed)
        throw new Error('denied');
      return performance.now() - begun;
    };
    const proofs = (count: number) =>
      Array.from({ length: count }, () => holder.proof({ method: 'GET', url: origin + PATH, accessToken }));
    for (const proof of proofs(300)) await check(proof);
    const times: number[] = [];
    for (const proof of proofs(requests)) times.push(await check(proof));
    const waiting = proofs(requests * 2);
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let proof = waiting.pop(); proof !== undefined; proof = waiting.pop()) await check(proof);
      }),
    );
    const perSecond = (requests * 2) / ((performance.now() - begun) / 1000);
    console.log(`token + proof + session + policy, ms: ${spread(times)}`);
    return [
      figure('token + DPoP + session + Cedar, p50 a request, one process', quantile(times, 0.5), 'ms', 1.5),
      figure('token + DPoP + session + Cedar, p99 a request, one process', quantile(times, 0.99), 'ms', 10),
      figure(`checked requests a second, ${AT_ONCE} at once, one process`, perSecond, 'requests/s', 1_500, 'higher'),
    ];
  } finally {
    await app.close();
    redis.disconnect();
    subscriber.disconnect();
    await database.close();
  }
}
