/**
 * How soon what was revoked is over in another process (T11 of the attack list): on HTTP, on an open socket, and on an open socket of
 * a process that does not hear of it, since Redis is away. Sessions are ended by their owners' sign-out in the first process.
 */
import { adminApi, LIVE_PATH } from '@plimsoll/contracts';
import { revokeSession } from '@plimsoll/storage';
import { io, type Socket } from 'socket.io-client';
import { type Figure, figure, quantile, spread } from '../report.js';
import { type OwnApp, openApp, type SignedIn, signIn } from './app.js';
import type { Stores } from './stores.js';

const fetchAs = ({ holder, session }: SignedIn, { url, origin }: OwnApp, method: string, path: string) =>
  holder.fetch(url + path, { method, headers: { origin } }, { accessToken: session.accessToken, origin });

async function listen({ holder, session }: SignedIn, { url, origin }: OwnApp): Promise<Socket> {
  const place = `${origin.replace('http', 'ws')}${LIVE_PATH}`;
  const proof = holder.proof({ method: 'GET', url: place, accessToken: session.liveToken });
  const auth = { token: session.liveToken, proof };
  const socket = io(url, { transports: ['websocket'], auth, extraHeaders: { origin }, forceNew: true, reconnection: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('hello', () => resolve());
    socket.once('connect_error', reject);
  });
  return socket;
}
const cutAt = (socket: Socket) => new Promise<number>((resolve) => socket.once('disconnect', () => resolve(performance.now())));

async function refusedAt(visitor: SignedIn, app: OwnApp): Promise<number> {
  while ((await fetchAs(visitor, app, 'GET', adminApi.me.path)).status === 200);
  return performance.now();
}

/** @param rounds of revocations; a tenth as many with Redis away. */
export async function revocations(stores: Stores, rounds: number): Promise<Figure[]> {
  const one = await openApp(stores);
  const two = await openApp(stores, { shared: one });
  const deaf = await openApp(stores, { shared: one });
  try {
    const [onHttp, onSocket, unheard]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      const visitor = await signIn(one, { role: 'viewer' });
      const cut = cutAt(await listen(visitor, two));
      const ended = await fetchAs(visitor, one, 'DELETE', adminApi.signOut.path);
      if (ended.status !== 204) throw new Error(`sign-out: ${ended.status}`);
      const at = performance.now();
      const [refused, disconnected] = await Promise.all([refusedAt(visitor, two), cut]);
      onHttp.push(refused - at);
      onSocket.push(disconnected - at);
    }
    const late: SignedIn[] = [];
    for (let round = 0; round < rounds / 10; round += 1) late.push(await signIn(one, { role: 'viewer' }));
    const cuts: Promise<number>[] = [];
    for (const visitor of late) cuts.push(cutAt(await listen(visitor, deaf)));
    deaf.context.redis.disconnect();
    deaf.context.subscriber.disconnect();
    const { db } = one.context;
    for (const [index, { session }] of late.entries()) {
      const { sid } = JSON.parse(Buffer.from(session.accessToken.split('.')[1] ?? '', 'base64url').toString());
      const at = performance.now();
      await db.transaction((tx) => revokeSession(tx, sid, 'bench', Date.now()));
      unheard.push(((await cuts[index]) ?? Number.NaN) - at);
    }
    console.log(`revoked, refused on HTTP elsewhere, ms: ${spread(onHttp)}\n  socket cut elsewhere, ms: ${spread(onSocket)}`);
    console.log(`  socket cut with Redis away, ms: ${spread(unheard)}`);
    return [
      figure(`revoked in another process: refused on HTTP, p99 of ${rounds}`, quantile(onHttp, 0.99), 'ms', 1_000),
      figure(`revoked in another process: socket cut, p99 of ${rounds}`, quantile(onSocket, 0.99), 'ms', 2_000),
      figure('revoked with Redis away: socket cut, the latest', Math.max(...unheard), 'ms', 5_000),
    ];
  } finally {
    for (const app of [deaf, two, one]) await app.close();
  }
}
