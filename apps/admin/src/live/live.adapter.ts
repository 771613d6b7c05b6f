/**
 * The socket.io server's outer wall. Only websockets, because `cors` does not guard that transport and polling needs
 * it: the Origin is checked before the upgrade. Connection-state recovery stays off, since it skips authentication. What is
 * not signed in is held to a few connections a network, so that no stranger takes the room of members.
 */
import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { clientAddressReader } from '@plimsoll/storage';
import { Server, type ServerOptions } from 'socket.io';
import { Strangers } from './strangers.js';

/** Largest message that a client may send; ours send a token. */
export const MAX_CLIENT_BYTES = 64 * 1024;
/** Connections of one process, signed in or not yet. */
const MAX_CONNECTIONS = 2_000;

export class LiveAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly door: { publicOrigin: string; trustedProxies: readonly string[] },
  ) {
    super(app);
  }

  override createIOServer(_port: number, options?: ServerOptions): Server {
    const strangers = new Strangers();
    const read = clientAddressReader(this.door.trustedProxies);
    const server = new Server(this.httpServer, {
      ...options,
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      maxHttpBufferSize: MAX_CLIENT_BYTES,
      perMessageDeflate: false,
      connectTimeout: 5_000,
      pingInterval: 10_000,
      pingTimeout: 10_000,
      allowRequest: (request: IncomingMessage, answer: (error: string | null, allowed: boolean) => void) => {
        const full = server.engine.clientsCount >= MAX_CONNECTIONS;
        const ours = request.headers.origin === this.door.publicOrigin && !full;
        answer(null, ours && strangers.enter(request.socket, read(request)));
      },
    });
    // Before the handshake, which takes its address from here.
    server.engine.on('connection', (connection: { request: IncomingMessage }) => {
      Object.assign(connection, { remoteAddress: read(connection.request) });
    });
    // Behind the gateway's own check: who comes as far is signed in.
    server.on('connection', (socket) => {
      strangers.leave(socket.request.socket);
      // Whoever leaves the channel would otherwise keep a connection that nobody looks at.
      socket.once('disconnect', () => socket.conn.close());
    });
    return server;
  }
}
