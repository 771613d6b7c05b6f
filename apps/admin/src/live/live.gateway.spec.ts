import type { ClientEvents, LiveMessage, ServerEvents, Session, TrafficTick } from '@plimsoll/contracts';
import { createSignInLink, publishLive } from '@plimsoll/storage';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { KeyHolder } from '../../../../test/setup/key-holder.js';
import { insertAlert, insertService } from '../../../../test/setup/records.js';

type Client = Socket<ServerEvents, ClientEvents>;
type Hello = Parameters<ServerEvents['hello']>[0];

let server: AdminServer;
const clients: Client[] = [];
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(() => server?.close());

async function connect(auth: object, to = server): Promise<{ client: Client; hello: Hello }> {
  const client: Client = io(to.origin, {
    transports: ['websocket'],
    auth,
    extraHeaders: { origin: to.context.env.PUBLIC_URL.origin },
    forceNew: true,
    reconnection: false,
  });
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.once('hello', (hello) => resolve({ client, hello }));
    client.once('connect_error', reject);
  });
}
const enter = (visitor: Visitor, to = server) => connect(to.liveCredentials(visitor), to);
const open = async (visitor: Visitor, to = server) => (await enter(visitor, to)).client;
const next = <E extends keyof ServerEvents>(client: Client, event: E) =>
  new Promise<Parameters<ServerEvents[E]>[0]>((resolve) => client.once(event, ((value: never) => resolve(value)) as never));
const ended = (client: Client) => new Promise<string>((resolve) => client.once('disconnect', resolve));
const publish = (message: LiveMessage) => publishLive(server.context.redis, server.context.env.PLIMSOLL_NAMESPACE, message);
const block = {
  service: 'shop',
  action: 'block',
  subject: { type: 'actor', id: 'mallory' },
  durationSeconds: 60,
  reason: 'flood',
};

describe('the live channel', () => {
  it('is closed without a good token', async () => {
    for (const auth of [{}, { token: '' }, { token: 'a.b.c', proof: 'a.b.c' }]) {
      await expect(connect(auth)).rejects.toThrow('unauthenticated');
    }
  });

  it('is closed to a token of the API, to a proof that was used, of another key, about another address, or of old', async () => {
    const visitor = await server.signIn();
    const { holder, session } = visitor;
    const good = server.liveCredentials(visitor);
    expect((await connect(good)).client.connected).toBe(true);
    const proof = (url: string, by = holder) => by.proof({ method: 'GET', url, accessToken: session.liveToken });
    const ours = `${server.origin.replace('http', 'ws')}/socket.io/`;
    const faulty = [
      good,
      server.liveCredentials({ holder, session: { ...session, liveToken: session.accessToken } }),
      { ...good, proof: proof(server.origin) },
      { ...good, proof: proof(ours.replace('localhost', '127.0.0.1')) },
      { ...good, proof: holder.proof({ method: 'GET', url: ours }) },
    ];
    for (const auth of faulty) await expect(connect(auth)).rejects.toThrow('unauthenticated');
    server.advance(10 * 60_000);
    const error = await connect({ ...good, proof: proof(ours) }).catch((refusal: { data?: { nonce?: string } }) => refusal);
    holder.nonce = (error as { data?: { nonce?: string } }).data?.nonce;
    expect((await connect({ ...good, proof: proof(ours) })).client.connected).toBe(true);
    const thief = Object.assign(new KeyHolder(), { nonce: holder.nonce });
    await expect(connect({ ...good, proof: proof(ours, thief) })).rejects.toThrow('unauthenticated');
    expect((await visitor.call('me')).status).toBe(401);
  });

  it('brings alerts and decisions to everybody, in every process, with sequence numbers', async () => {
    const other = await AdminServer.start({ shared: server });
    try {
      const [owner, analyst] = [await server.signIn('owner'), await server.signIn('analyst')];
      const here = await enter(owner);
      const there = await enter(analyst, other);
      expect(here.hello.epoch).not.toBe(there.hello.epoch);
      const alertId = await insertAlert(server.db);
      const heard = [next(here.client, 'alert'), next(there.client, 'alert')];
      await analyst.call('acknowledge', { params: { id: alertId }, body: {} });
      const [one, two] = await Promise.all(heard);
      expect(one?.alert).toMatchObject({ id: alertId, state: 'acknowledged', acknowledgedBy: 'analyst' });
      expect(two?.alert).toEqual(one?.alert);
      const decided = next(here.client, 'decision');
      await owner.call('decide', { body: block });
      expect(await decided).toMatchObject({ seq: (one?.seq ?? 0) + 1, decision: { subject: block.subject } });
      const again = await enter(owner);
      expect(again.hello).toEqual({ epoch: expect.not.stringMatching(here.hello.epoch), seq: 0 });
    } finally {
      await other.close();
    }
  });

  it('sums a second of traffic over shards and sends it once it is complete', async () => {
    const client = await open(await server.signIn());
    // From its beginning, so that all that is told of a second is told within it.
    await new Promise((resolve) => setTimeout(resolve, 1_000 - (server.now() % 1_000)));
    const second = Math.floor(server.now() / 1000);
    const tick: TrafficTick = { service: 'shop', second, requests: 4, errors: 1, throttled: 2, blocked: 1 };
    const heard = next(client, 'traffic');
    await publish({ type: 'traffic', ticks: [tick] });
    await publish({ type: 'traffic', ticks: [tick] });
    expect(await heard).toEqual({ ticks: [{ service: 'shop', second, requests: 8, errors: 2, throttled: 4, blocked: 2 }] });
  });

  it('ends with the session, for all connections of it and no others', async () => {
    const [leaving, staying] = [await server.signIn(), await server.signIn()];
    const [first, second, other] = [await open(leaving), await open(leaving), await open(staying)];
    const ends = Promise.all([ended(first), ended(second)]);
    await leaving.call('signOut');
    expect(await ends).toEqual(['io server disconnect', 'io server disconnect']);
    expect(other.connected).toBe(true);
    await expect(open(leaving)).rejects.toThrow('unauthenticated');
  });

  it('ends by the news of a revocation alone, before anybody looks a session up', async () => {
    const visitor = await server.signIn();
    const [client, { sessions }] = [await open(visitor), (await visitor.call('account')).body as { sessions: { id: string }[] }];
    // The session itself goes on, so that the look at all sessions every two seconds cuts nothing.
    const end = ended(client);
    await publish({ type: 'session-revoked', sessionId: sessions[0]!.id });
    expect(await end).toBe('io server disconnect');
    expect((await open(visitor)).connected).toBe(true);
  });

  it('is closed to a session that may only recover', async () => {
    const { person, authenticator } = await server.signIn();
    const token = await createSignInLink(server.db, person.id, server.now(), { purpose: 'reset' });
    const back = server.visitorOf(await server.call('signIn', { body: { token } }), authenticator);
    expect((await back.call('account')).status).toBe(200);
    await expect(open(back)).rejects.toThrow('unauthenticated');
  });
});

describe('the end of an access token', () => {
  it('is announced, and 30 s later the connection ends', async () => {
    const visitor = await server.signIn();
    const client = await open(visitor);
    const expired = next(client, 'expired');
    server.advance(15 * 60_000);
    await expired;
    expect(client.connected).toBe(true);
    const end = ended(client);
    server.advance(30_000);
    expect(await end).toBe('io server disconnect');
  });

  it('is put off by a new token of the same session, and by no other', async () => {
    const [visitor, stranger] = [await server.signIn(), await server.signIn()];
    const client = await open(visitor);
    let expirations = 0;
    client.on('expired', () => {
      expirations += 1;
    });
    server.advance(10 * 60_000);
    const renewed = await server.refresh(visitor.cookie);
    const session = renewed.body as unknown as Session;
    const good = server.liveCredentials({ ...visitor, session });
    const cut = { ...good, token: good.token.slice(0, -1) };
    for (const bad of ['', cut, server.liveCredentials(stranger), null, { token: 1 }, 7, session.liveToken]) {
      expect(await client.emitWithAck('renew', bad as never)).toEqual({ type: 'refused' });
    }
    const old = {
      ...good,
      proof: visitor.holder.proof({
        method: 'GET',
        url: `${server.origin.replace('http', 'ws')}/socket.io/`,
        accessToken: good.token,
        claims: { nonce: 'of-old' },
      }),
    };
    expect(await client.emitWithAck('renew', old)).toMatchObject({ type: 'nonce' });
    expect(await client.emitWithAck('renew', good)).toEqual({ type: 'renewed' });
    expect(await client.emitWithAck('renew', good)).toEqual({ type: 'refused' });
    server.advance(10 * 60_000);
    const later = next(client, 'expired');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([expirations, client.connected]).toEqual([0, true]);
    server.advance(5 * 60_000);
    await later;
  });
});
