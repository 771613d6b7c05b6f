/**
 * The live channel to the pages. A connection authenticates in its handshake, lives as long as its access token (or the
 * next, by `renew`) and its session, and gets every alert and decision that its person may read (audience.ts) with a
 * sequence number, so that a page that missed one notices and refetches. Traffic is volatile: who cannot keep up loses ticks, never alerts.
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
import { LIVE_PATH, type LiveMessage, type RenewOutcome } from '@plimsoll/contracts';
import { subscribeLive } from '@plimsoll/storage';
import { z } from 'zod';
import { AccessPolicy } from '../access/access-policy.js';
import { Asks } from '../access/policy-guard.js';
import { ServiceDirectory } from '../access/service-directory.js';
import { Denials, type SocketRefusal } from '../audit/denials.js';
import { Admission, type Admitted, type Refusal, refusalProblem } from '../auth/admission.js';
import { KeyRing } from '../auth/key-ring.js';
import { Proofs } from '../auth/proofs.js';
import { SessionCache } from '../auth/session-cache.js';
import { type Context, InjectContext } from '../context.js';
import { Pseudonyms } from '../privacy/pseudonyms.js';
import { type About, Audience, type LiveServer, type LiveSocket, ofAlert, ofDecision, ofService } from './audience.js';
import { Post } from './post.js';
import { ReachWatch } from './reach-watch.js';
import { cut, isTooSlow, limitPackets } from './socket-limits.js';
import { byService, TrafficWindow } from './traffic-window.js';

/** As long as a header may be. */
const credential = z.string().max(4_096);
const credentialsSchema = z.strictObject({ token: credential, proof: credential });

/** After `expired` a page has this long to come up with a new token. */
const RENEW_MS = 30_000;
const TICK_MS = 1_000;
/** Sessions are looked up this often, for a revocation whose message was lost. */
const CHECK_MS = 2_000;

/** Of one person, in this process: its tabs and devices. More are refused, so that nobody takes the room of others. */
export const MAX_OF_ONE = 50;

const roomOf = (sessionId: string) => `session:${sessionId}`;
const roomOfPerson = (personId: string) => `person:${personId}`;

@WebSocketGateway()
export class LiveGateway implements OnGatewayInit<LiveServer>, OnGatewayConnection<LiveSocket>, OnModuleDestroy {
  private readonly audience: Audience;
  private readonly traffic = new TrafficWindow();
  private timers: NodeJS.Timeout[] = [];
  private unsubscribe: (() => Promise<void>) | undefined;
  /** Alerts and decisions on their way to the pages, in their order. */
  private readonly post = new Post();

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly admission: Admission,
    private readonly proofs: Proofs,
    private readonly ring: KeyRing,
    private readonly sessions: SessionCache,
    private readonly reaches: ReachWatch,
    private readonly policy: AccessPolicy,
    private readonly denials: Denials,
    private readonly pseudonyms: Pseudonyms,
    directory: ServiceDirectory,
  ) {
    this.audience = new Audience(policy, directory);
  }

  afterInit(server: LiveServer): void {
    const { subscriber, env, log } = this.context;
    limitPackets(server, () => log.warn('a live connection was cut for flooding'));
    server.use((socket, next) => {
      this.admit(socket).then(
        (refusal) => next(refusal),
        () => next(new Error('unavailable')),
      );
    });
    this.timers = [
      setInterval(() => this.tick(server), TICK_MS).unref(),
      setInterval(() => this.reviewSessions(server), CHECK_MS).unref(),
    ];
    this.reaches.start((event) => {
      this.audience.tell(server, ofService(event.service, 'service.read'), (socket) => socket.volatile.emit('reach', event));
    });
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
    const { epoch, seq } = socket.data;
    socket.emit('hello', { epoch, seq });
  }

  /** A new token of the same person and session, with a proof by the same key. A wrong one changes nothing. */
  @SubscribeMessage('renew')
  @Asks('session.renew')
  async renew(@ConnectedSocket() socket: LiveSocket, @MessageBody() credentials: unknown): Promise<RenewOutcome> {
    const admitted = await this.authenticate(socket, credentials).catch(() => undefined);
    if (admitted?.type !== 'admitted') {
      if (admitted?.refusal === 'use_dpop_nonce') return { type: 'nonce', nonce: this.proofs.nonce };
      const { person, sessionId } = socket.data.asker;
      if (admitted) this.noteRefusal(socket, 'renew', admitted.refusal, { personId: person.id, sessionId });
      return { type: 'refused' };
    }
    const { principal } = admitted;
    const { person, sessionId, address } = socket.data.asker;
    if (principal.sessionId !== sessionId || principal.person.id !== person.id) {
      const reason = 'The token is of another session.';
      this.note(socket, { event: 'renew', code: 'forbidden', reason, by: { personId: person.id, sessionId } });
      return { type: 'refused' };
    }
    Object.assign(socket.data, { asker: { ...principal, address }, told: false });
    return { type: 'renewed' };
  }

  private authenticate(socket: LiveSocket, credentials: unknown): Promise<Admitted> {
    const read = credentialsSchema.safeParse(credentials);
    if (!read.success) return Promise.resolve({ type: 'refused', refusal: 'no-token' });
    const { token, proof } = read.data;
    return this.admission.admit({
      authorization: `DPoP ${token}`,
      proofs: [proof],
      method: 'GET',
      path: LIVE_PATH,
      socket: true,
      audience: 'live',
      address: socket.handshake.address,
    });
  }

  /** @returns why not. */
  private async admit(socket: LiveSocket): Promise<Error | undefined> {
    const admitted = await this.authenticate(socket, socket.handshake.auth);
    if (admitted.type === 'refused') {
      if (admitted.refusal === 'unavailable') return new Error('unavailable');
      const token = credentialsSchema.safeParse(socket.handshake.auth).data?.token;
      if (token !== undefined) this.noteRefusal(socket, 'connect', admitted.refusal, { token });
      // socket.io sends `data` with the error's message.
      const data = admitted.refusal === 'use_dpop_nonce' ? { nonce: this.proofs.nonce } : undefined;
      return Object.assign(new Error('unauthenticated'), { data });
    }
    const { principal } = admitted;
    // What is live is not for a session that may only recover.
    if (principal.amr === 'recovery') {
      const [by, reason] = [{ personId: principal.person.id, sessionId: principal.sessionId }, 'This session is for a recovery.'];
      this.note(socket, { event: 'connect', code: 'recovery-only', reason, by });
      return new Error('unauthenticated');
    }
    socket.data = { asker: { ...principal, address: socket.handshake.address }, told: false, epoch: randomUUID(), seq: 0 };
    const own = roomOfPerson(principal.person.id);
    if ((socket.nsp.adapter.rooms.get(own)?.size ?? 0) >= MAX_OF_ONE) {
      const by = { personId: principal.person.id, sessionId: principal.sessionId };
      this.note(socket, { event: 'connect', code: 'too-many-requests', reason: `${MAX_OF_ONE} connections are open.`, by });
      return new Error('too-many');
    }
    await socket.join([roomOf(principal.sessionId), own]);
    return undefined;
  }

  /** To be asked for a fresh nonce is no refusal yet, and with a store away nobody knows who it was. */
  private noteRefusal(socket: LiveSocket, event: string, refusal: Refusal, by: SocketRefusal['by']): void {
    if (refusal === 'use_dpop_nonce' || refusal === 'unavailable') return;
    const { code, detail: reason } = refusalProblem(refusal);
    this.note(socket, { event, code, reason, by });
  }

  /** Nobody waits for it. */
  private note({ handshake }: LiveSocket, refusal: Omit<SocketRefusal, 'address' | 'userAgent'>): void {
    const { address, headers } = handshake;
    void this.denials.noteSocket({ ...refusal, address, userAgent: headers['user-agent'] });
  }

  /** From Redis to the pages. */
  private pass(server: LiveServer, message: LiveMessage): void {
    switch (message.type) {
      case 'alert':
        this.post.add(
          () => this.pseudonyms.hide(message.alert),
          (alert) => this.tell(server, ofAlert(message.alert), (socket, seq) => alert && socket.emit('alert', { seq, alert })),
        );
        break;
      case 'decision':
        this.post.add(
          () => this.pseudonyms.hide(message.decision),
          (decision) =>
            this.tell(
              server,
              ofDecision(message.decision),
              (socket, seq) => decision && socket.emit('decision', { seq, decision }),
            ),
        );
        this.reaches.changed(message.decision.service);
        break;
      case 'privacy-changed':
        this.pseudonyms.forget();
        this.beginAnew(server);
        break;
      case 'traffic':
        this.traffic.add(message.ticks, this.context.now());
        break;
      case 'receipts':
        for (const service of message.services) this.reaches.changed(service);
        break;
      case 'access-changed':
        this.policy.forget();
        this.sessions.forgetAll();
        this.reviewSessions(server);
        break;
      case 'keys-changed':
        this.ring.turn().catch((err: unknown) => this.context.log.warn({ err }, 'signing keys not turned'));
        break;
      case 'session-revoked':
        this.sessions.forget(message.sessionId);
        server.in(roomOf(message.sessionId)).disconnectSockets(true);
        break;
    }
  }

  /** Whom pages name is named otherwise now, or gone: to a page another epoch says that it must ask for all of it. */
  private beginAnew(server: LiveServer): void {
    for (const socket of server.sockets.sockets.values()) {
      Object.assign(socket.data, { epoch: randomUUID(), seq: 0 });
      this.handleConnection(socket);
    }
  }

  /** A numbered event. */
  private tell(server: LiveServer, about: About, send: (socket: LiveSocket, seq: number) => void): void {
    const next = ({ data }: LiveSocket) => {
      data.seq += 1;
      return data.seq;
    };
    this.audience.tell(server, about, (socket) => send(socket, next(socket)), next);
  }

  private tick(server: LiveServer): void {
    const now = this.context.now();
    for (const socket of server.sockets.sockets.values()) this.review(socket, now);
    const ticks = this.traffic.take(now);
    for (const [service, own] of byService(ticks)) {
      const send = (socket: LiveSocket) => socket.volatile.emit('traffic', { ticks: own });
      this.audience.tell(server, ofService(service, 'traffic.read'), send);
    }
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

  private reviewSessions(server: LiveServer): void {
    this.endDeadSessions(server).catch((err: unknown) =>
      this.context.log.warn({ err }, 'sessions of live connections not checked'),
    );
  }

  /** The others go on, with their persons as they are now. */
  private async endDeadSessions(server: LiveServer): Promise<void> {
    const ids = [...new Set([...server.sockets.sockets.values()].map(({ data }) => data.asker.sessionId))];
    const alive = await this.sessions.aliveOf(ids, 0);
    for (const { data } of server.sockets.sockets.values()) {
      const state = alive.get(data.asker.sessionId);
      if (state === undefined) continue;
      const { person, attributes, amr, acr, authAt, passkeys, deviceBound } = state;
      Object.assign(data.asker, { person, attributes, amr, acr, authAt, passkeys, deviceBound });
    }
    for (const id of ids) if (!alive.has(id)) server.in(roomOf(id)).disconnectSockets(true);
  }
}
