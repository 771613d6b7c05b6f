/**
 * The socket.io server's outer wall. Only websockets, because `cors` does not guard that transport and polling needs
 * it: the Origin is checked before the upgrade. Connection-state recovery stays off, since it skips authentication.
 */
import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Server, type ServerOptions } from 'socket.io';

/** Largest message that a client may send; ours send a token. */
export const MAX_CLIENT_BYTES = 64 * 1024;
/** Connections of one process, signed in or not yet. */
const MAX_CONNECTIONS = 2_000;

export class LiveAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly publicOrigin: string,
  ) {
    super(app);
  }

  override createIOServer(_port: number, options?: ServerOptions): Server {
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
        answer(null, request.headers.origin === this.publicOrigin && !full);
      },
    });
    return server;
  }
}
