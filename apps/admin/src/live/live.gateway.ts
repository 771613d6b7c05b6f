/**
 * The live channel to the pages. A connection authenticates in its handshake, lives as long as its access token (or the
 * next, by `renew`) and its session, and gets every alert and decision with a sequence number, so that a page that
 * missed one notices and refetches. Traffic is volatile: who cannot keep up loses ticks, never alerts.
 */
import { randomUUID } from 'node:crypto';
import type { OnModuleDestroy } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { ClientEvents, LiveMessage, ServerEvents } from '@plimsoll/contracts';
import { subscribeLive } from '@plimsoll/storage';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { Asker } from '../access/asker.js';
import { Asks } from '../access/policy-guard.js';
import { AccessTokens, type Principal } from '../auth/access-tokens.js';
import { SessionCache } from '../auth/session-cache.js';
import { type Context, InjectContext } from '../context.js';
import { ReachWatch } from './reach-watch.js';
import { cut, isTooSlow, limitPackets } from './socket-limits.js';
import { TrafficWindow } from './traffic-window.js';

interface SocketData {
  asker: Asker;
  /** The page was told that its access token has run out. */
  told: boolean;
}
type LiveServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
type LiveSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;

/** After `expired` a page has this long to come up with a new token. */
const RENEW_MS = 30_000;
const TICK_MS = 1_000;
/** Sessions are looked up this often, for a revocation whose message was lost. */
const CHECK_MS = 5_000;

const roomOf = (sessionId: string) => `session:${sessionId}`;

@WebSocketGateway()
export class LiveGateway implements OnGatewayInit<LiveServer>, OnGatewayConnection<LiveSocket>, OnModuleDestroy {
  private readonly epoch = randomUUID();
  private seq = 0;
  private readonly traffic = new TrafficWindow();
  private timers: NodeJS.Timeout[] = [];
  private unsubscribe: (() => Promise<void>) | undefined;

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly tokens: AccessTokens,
    private readonly sessions: SessionCache,
    private readonly reaches: ReachWatch,
  ) {}

  afterInit(server: LiveServer): void {
    const { subscriber, env, log } = this.context;
    limitPackets(server, () => log.warn('a live connection was cut for flooding'));
    server.use((socket, next) => {
      this.admit(socket).then(
        (admitted) => next(admitted ? undefined : new Error('unauthenticated')),
        () => next(new Error('unavailable')),
      );
    });
    this.timers = [
      setInterval(() => this.tick(server), TICK_MS).unref(),
      setInterval(() => {
        this.endDeadSessions(server).catch((err: unknown) => log.warn({ err }, 'sessions of live connections not checked'));
      }, CHECK_MS).unref(),
    ];
    this.reaches.start((event) => server.volatile.emit('reach', event));
    // With Redis away this waits until it is back; pages can sign in meanwhile.
    subscribeLive(subscriber, env.PLIMSOLL_NAMESPACE, (message) => this.pass(server, message)).then(
      (unsubscribe) => {
        this.unsubscribe = unsubscribe;
      },
      (err: unknown) => log.error({ err }, 'no live channel'),
    );
  }

  onModuleDestroy(): void {
    this.timers.forEach(clearInterval);
    this.unsubscribe?.().catch(() => undefined); // Redis is gone: so is the subscription.
  }

  handleConnection(socket: LiveSocket): void {
    socket.emit('hello', { epoch: this.epoch, seq: this.seq });
  }

  /** A new access token of the same person and session. A wrong one changes nothing. */
  @SubscribeMessage('renew')
  @Asks('session.renew')
  async renew(@ConnectedSocket() socket: LiveSocket, @MessageBody() accessToken: unknown): Promise<boolean> {
    const principal = await this.authenticate(accessToken).catch(() => undefined);
    const { person, sessionId, address } = socket.data.asker;
    if (principal === undefined || principal.sessionId !== sessionId || principal.person.id !== person.id) return false;
    socket.data = { asker: { ...principal, address }, told: false };
    return true;
  }

  private authenticate(token: unknown): Promise<Principal | undefined> {
    return typeof token === 'string' ? this.tokens.authenticate(`Bearer ${token}`) : Promise.resolve(undefined);
  }

  private async admit(socket: LiveSocket): Promise<boolean> {
    const principal = await this.authenticate(socket.handshake.auth['token']);
    if (principal === undefined) return false;
    socket.data = { asker: { ...principal, address: socket.handshake.address }, told: false };
    await socket.join(roomOf(principal.sessionId));
    return true;
  }

  /** From Redis to the pages. */
  private pass(server: LiveServer, message: LiveMessage): void {
    switch (message.type) {
      case 'alert':
        server.emit('alert', { seq: this.next(), alert: message.alert });
        break;
      case 'decision':
        server.emit('decision', { seq: this.next(), decision: message.decision });
        this.reaches.changed(message.decision.service);
        break;
      case 'traffic':
        this.traffic.add(message.ticks, this.context.now());
        break;
      case 'receipts':
        for (const service of message.services) this.reaches.changed(service);
        break;
      case 'session-revoked':
        this.sessions.forget(message.sessionId);
        server.in(roomOf(message.sessionId)).disconnectSockets(true);
        break;
    }
  }

  private next(): number {
    this.seq += 1;
    return this.seq;
  }

  private tick(server: LiveServer): void {
    const now = this.context.now();
    for (const socket of server.sockets.sockets.values()) this.review(socket, now);
    const ticks = this.traffic.take(now);
    if (ticks.length > 0) server.volatile.emit('traffic', { ticks });
  }

  /** Whether a connection may go on: it must read, and its token must be good or soon renewed. */
  private review(socket: LiveSocket, now: number): void {
    const { asker, told } = socket.data;
    if (isTooSlow(socket)) {
      this.context.log.warn({ sessionId: asker.sessionId }, 'a live connection was cut: it does not read');
      cut(socket.conn);
    } else if (now >= asker.expiresAt + RENEW_MS) socket.disconnect(true);
    else if (now >= asker.expiresAt && !told) {
      socket.data.told = true;
      socket.emit('expired');
    }
  }

  private async endDeadSessions(server: LiveServer): Promise<void> {
    const ids = [...new Set([...server.sockets.sockets.values()].map(({ data }) => data.asker.sessionId))];
    const alive = await this.sessions.aliveOf(ids);
    for (const id of ids) if (!alive.has(id)) server.in(roomOf(id)).disconnectSockets(true);
  }
}
