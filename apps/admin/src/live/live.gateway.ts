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
import { AccessTokens, type Principal } from '../auth/access-tokens.js';
import { SessionCache } from '../auth/session-cache.js';
import { type Context, InjectContext } from '../context.js';
import { cut, isTooSlow, limitPackets } from './socket-limits.js';
import { TrafficWindow } from './traffic-window.js';

interface SocketData {
  principal: Principal;
  expiry?: NodeJS.Timeout;
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
  ) {}

  async afterInit(server: LiveServer): Promise<void> {
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
    this.unsubscribe = await subscribeLive(subscriber, env.PLIMSOLL_NAMESPACE, (message) => this.pass(server, message));
  }

  async onModuleDestroy(): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.unsubscribe?.().catch(() => undefined); // Redis is gone: so is the subscription.
  }

  handleConnection(socket: LiveSocket): void {
    socket.on('disconnect', () => clearTimeout(socket.data.expiry));
    this.watchExpiry(socket);
    socket.emit('hello', { epoch: this.epoch, seq: this.seq });
  }

  /** A new access token of the same person and session. A wrong one changes nothing. */
  @SubscribeMessage('renew')
  async renew(@ConnectedSocket() socket: LiveSocket, @MessageBody() accessToken: unknown): Promise<boolean> {
    const principal = await this.authenticate(accessToken).catch(() => undefined);
    const { person, sessionId } = socket.data.principal;
    if (principal === undefined || principal.sessionId !== sessionId || principal.person.id !== person.id) return false;
    socket.data.principal = principal;
    this.watchExpiry(socket);
    return true;
  }

  private authenticate(token: unknown): Promise<Principal | undefined> {
    return typeof token === 'string' ? this.tokens.authenticate(`Bearer ${token}`) : Promise.resolve(undefined);
  }

  private async admit(socket: LiveSocket): Promise<boolean> {
    const principal = await this.authenticate(socket.handshake.auth['token']);
    if (principal === undefined) return false;
    socket.data.principal = principal;
    await socket.join(roomOf(principal.sessionId));
    return true;
  }

  private watchExpiry(socket: LiveSocket): void {
    const { data } = socket;
    clearTimeout(data.expiry);
    const after = (ms: number, then: () => void) => {
      data.expiry = setTimeout(then, Math.max(0, ms)).unref();
    };
    after(data.principal.expiresAt - this.context.now(), () => {
      socket.emit('expired');
      after(RENEW_MS, () => socket.disconnect(true));
    });
  }

  /** From Redis to the pages. */
  private pass(server: LiveServer, message: LiveMessage): void {
    switch (message.type) {
      case 'alert':
        server.emit('alert', { seq: this.next(), alert: message.alert });
        break;
      case 'decision':
        server.emit('decision', { seq: this.next(), decision: message.decision });
        break;
      case 'traffic':
        this.traffic.add(message.ticks, this.context.now());
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
    for (const socket of server.sockets.sockets.values()) {
      if (!isTooSlow(socket)) continue;
      this.context.log.warn({ sessionId: socket.data.principal.sessionId }, 'a live connection was cut: it does not read');
      cut(socket.conn);
    }
    const ticks = this.traffic.take(this.context.now());
    if (ticks.length > 0) server.volatile.emit('traffic', { ticks });
  }

  private async endDeadSessions(server: LiveServer): Promise<void> {
    const ids = [...new Set([...server.sockets.sockets.values()].map(({ data }) => data.principal.sessionId))];
    const alive = await this.sessions.aliveOf(ids);
    for (const id of ids) if (!alive.has(id)) server.in(roomOf(id)).disconnectSockets(true);
  }
}
