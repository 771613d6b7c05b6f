/**
 * The live channel under attack (T17, T18 of the attack list, a short fuzz, slow and greedy clients), against the running
 * server with a client that keeps to no rule.
 */
import { publishLive, readAlert } from '@plimsoll/storage';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MAX_OF_ONE } from '../../apps/admin/src/live/live.gateway.js';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { openRaw, type RawSocket, type Upgrade } from '../setup/raw-socket.js';
import { insertAlert, insertService } from '../setup/records.js';

let server: AdminServer;
let visitor: Visitor;
let alertId: string;
const opened: RawSocket[] = [];
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  alertId = await insertAlert(server.db);
  visitor = await server.signIn();
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.tcp.destroy();
});
afterAll(() => server?.close());

const path = '/socket.io/?EIO=4&transport=websocket';
const knock = async (): Promise<Upgrade> => {
  const answered = await openRaw(server.origin + path, { origin: server.origin });
  if (answered.connection) opened.push(answered.connection);
  return answered;
};
const open = async (): Promise<RawSocket> => {
  const { connection } = await knock();
  if (connection === undefined) throw new Error('not upgraded');
  await connection.frame(/^0\{/);
  return connection;
};
const signedIn = async (who: Visitor = visitor): Promise<RawSocket> => {
  const socket = await open();
  socket.send(`40${JSON.stringify(server.liveCredentials(who))}`);
  await socket.frame(/"hello"/);
  return socket;
};
const publishAlert = async (explanation = 'x') => {
  const detail = await readAlert(server.db, alertId);
  const alert = { ...detail!.alert, explanation };
  await publishLive(server.context.redis, server.context.env.PLIMSOLL_NAMESPACE, { type: 'alert', alert });
};
const isUp = async () => {
  const socket = await signedIn();
  await publishAlert();
  await socket.frame(/"alert"/);
};

describe('T17: handshakes from elsewhere', () => {
  it.each<[string, string | undefined]>([
    ['another origin', 'http://evil.example'],
    ['none', undefined],
    ['a sandboxed frame', 'null'],
    ['our host on another port', 'http://localhost:1'],
    ['a look-alike', 'http://localhost.evil.example'],
  ])('%s is refused', async (_, origin) => {
    expect((await openRaw(server.origin + path, { origin })).status).toBe(400);
  });

  it.each([
    ['polling', '/socket.io/?EIO=4&transport=polling'],
    ['the protocol of old', '/socket.io/?EIO=3&transport=websocket'],
    ['a made-up session', `${path}&sid=made-up`],
    ['another path', '/live/?EIO=4&transport=websocket'],
  ])('%s gets no session', async (_, wanted) => {
    const { connection } = await openRaw(server.origin + wanted, { origin: server.origin }).catch(() => ({
      connection: undefined,
    }));
    await connection?.closed;
    expect(connection?.frames.join(' ') ?? '').not.toContain('sid');
    expect((await server.fetch(wanted)).text).not.toContain('sid');
  });

  it('ours is let in', async () => {
    await isUp();
  });
});

/** Connections of one network that are not signed in, at one moment. */
const most = 100;

describe('T18: what a connection may not do', () => {
  it('hear anything before it is signed in', async () => {
    const [silent, wrong, query] = [await open(), await open(), await open()];
    wrong.send('40{"token":"a.b.c"}');
    query.send(`40${JSON.stringify({ query: server.liveCredentials(visitor) })}`);
    expect(await wrong.frame(/^44/)).toBe('44{"message":"unauthenticated"}');
    await query.frame(/^44/);
    await publishAlert();
    await isUp();
    for (const socket of [silent, wrong, query]) expect(socket.frames.join(' ')).not.toContain('"alert"');
  });

  it('wait for long without signing in, nor stay after it has left the channel', async () => {
    const [socket, member] = [await open(), await signedIn()];
    await socket.closed;
    expect(member.tcp.destroyed).toBe(false);
    member.send('41');
    await member.closed;
  });

  it('take the room of members by many connections that do not sign in', async () => {
    const member = await signedIn();
    const [strangers, refused]: [RawSocket[], number[]] = [[], []];
    // Some of them are closed for their age meanwhile, on a slow machine: what is bounded is how many there are at once.
    while (refused.length === 0 && strangers.length < 1_000) {
      for (const { status, connection } of await Promise.all(Array.from({ length: 40 }, () => knock()))) {
        if (connection) strangers.push(connection);
        else refused.push(status);
      }
    }
    expect(strangers.length).toBeGreaterThanOrEqual(most);
    expect(new Set(refused)).toEqual(new Set([400]));
    await publishAlert();
    await member.frame(/"alert"/);
    for (const { tcp } of strangers) tcp.destroy();
    await expect.poll(async () => (await knock()).status).toBe(101);
    // Who has signed in is no stranger any more.
    const members = [];
    for (const who of [visitor, await server.signIn('owner'), await server.signIn('analyst')])
      for (let i = 0; i < MAX_OF_ONE - 5; i += 1) members.push(await signedIn(who));
    expect(members.length).toBeGreaterThan(most);
    expect(members.filter(({ tcp }) => tcp.destroyed)).toEqual([]);
    for (const { tcp } of members) tcp.destroy();
  }, 60_000);

  it('take the room of others by many connections of one person', async () => {
    const greedy = await server.signIn('viewer');
    const again = await server.signIn('viewer');
    const members = [];
    for (let i = 0; i < MAX_OF_ONE; i += 1) members.push(await signedIn(greedy));
    const beyond = await open();
    beyond.send(`40${JSON.stringify(server.liveCredentials(greedy))}`);
    expect(await beyond.frame(/^44/)).toBe('44{"message":"too-many"}');
    await signedIn(again);
    members[0]?.tcp.destroy();
    // The server hears of it a moment later.
    const getsIn = () =>
      signedIn(greedy).then(
        () => true,
        () => false,
      );
    await expect.poll(getsIn, { timeout: 30_000 }).toBe(true);
    for (const { tcp } of members) tcp.destroy();
  }, 60_000);

  it.each([
    ['with parts of a connection of before', { pid: 'made-up', offset: '1' }],
    ['with a list', { token: ['a'] }],
    ['with an object', { token: { toString: 'x' } }],
    ['with nothing', {}],
    ['with a token of a megabyte less', { token: 'a'.repeat(60_000) }],
  ])('sign in %s', async (_, auth) => {
    const socket = await open();
    socket.send(`40${JSON.stringify(auth)}`);
    await socket.frame(/^44/);
    expect(socket.frames.join(' ')).not.toContain('hello');
  });

  it('join another namespace', async () => {
    const socket = await open();
    socket.send(`40/admin,${JSON.stringify(server.liveCredentials(visitor))}`);
    expect(await socket.frame(/^44/)).toContain('Invalid namespace');
  });

  it('make others hear what it says', async () => {
    const [speaker, listener] = [await signedIn(), await signedIn()];
    for (const event of ['alert', 'decision', 'traffic', 'hello', 'message']) speaker.send(`42["${event}",{"forged":true}]`);
    await publishAlert();
    await listener.frame(/"alert"/);
    expect(listener.frames.join(' ')).not.toContain('forged');
  });

  it('send more than 64 kB at once', async () => {
    const socket = await signedIn();
    // What it says is of no consequence: below the limit it is heard on.
    socket.send(`42["nothing","${'x'.repeat(60_000)}"]`);
    await publishAlert();
    await socket.frame(/"alert"/);
    socket.send(`42["nothing","${'x'.repeat(70_000)}"]`);
    // Others hear of the next one; it was cut off before, and not by the time that a ping may take.
    await isUp();
    expect(socket.frames.filter((frame) => frame.includes('"alert"'))).toHaveLength(1);
    await socket.closed;
  });

  it('flood us: it is cut off, others hear on', async () => {
    const [greedy, calm] = [await signedIn(), await signedIn()];
    for (let i = 0; i < 2_000; i += 1) greedy.send('42["renew","x"]');
    await greedy.closed;
    await publishAlert();
    await calm.frame(/"alert"/);
    expect(server.logLines.join('')).toContain('flooding');
  });

  it('begin messages with attachments that never come', async () => {
    const socket = await signedIn();
    for (let i = 0; i < 5; i += 1) socket.send('51000-["renew",{"_placeholder":true,"num":0}]');
    await isUp();
  });

  it('let what it does not read pile up here: it is cut off, others miss nothing', async () => {
    const [slow, quick] = [await signedIn(), await signedIn()];
    slow.tcp.pause();
    // The kernel may hold some 40 MB for a reader that does not read; what matters is what waits behind that.
    let rounds = 0;
    while (!server.logLines.join('').includes('it does not read') && rounds < 200) {
      await publishAlert('x'.repeat(500_000));
      rounds += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(server.logLines.join('')).toContain('it does not read');
    await expect.poll(() => quick.frames.filter((text) => text.includes('"alert"')).length, { timeout: 10_000 }).toBe(rounds);
    slow.tcp.resume();
    await slow.closed;
  });
});

describe('a fuzz of frames', () => {
  const packet = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.constantFrom('0', '1', '2', '3', '40', '41', '42', '43', '44', '45', '451-', '46', '4', '421'), fc.json())
      .map((parts) => parts.join('')),
    fc.json().map((json) => `42["renew",${json}]`),
    fc.nat(10).map((depth) => `42${'['.repeat(1_000 * depth)}${']'.repeat(1_000 * depth)}`),
    fc.constantFrom(
      '42["__proto__",{}]',
      '42["disconnect"]',
      '42["connect_error"]',
      '42["renew"]',
      '42[]',
      '42{}',
      '42null',
      '42["constructor",1]',
    ),
  );

  it('ends connections at worst, never the process', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(packet, { maxLength: 20 }), fc.boolean(), async (packets, signIn) => {
        const socket = signIn ? await signedIn() : await open();
        for (const data of packets) socket.send(data);
        socket.tcp.end();
      }),
      { numRuns: 60, interruptAfterTimeLimit: 3_000, markInterruptAsFailure: false },
    );
    await isUp();
    expect(server.logLines.filter((line) => line.includes('"level":60'))).toEqual([]);
  });
});
