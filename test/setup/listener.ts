/** The live channel as a page hears it: alerts and decisions in the order in which they came. */
import type { ClientEvents, ServerEvents } from '@plimsoll/contracts';
import { io, type Socket } from 'socket.io-client';
import type { AdminServer, Visitor } from './admin-server.js';

export interface Listener {
  events: { seq: number }[];
  socket: Socket<ServerEvents, ClientEvents>;
  close(): void;
}

/** @param headers of the handshake, beside the origin. @returns when the channel is open. */
export async function listen(server: AdminServer, visitor: Visitor, headers: Record<string, string> = {}): Promise<Listener> {
  const socket: Socket<ServerEvents, ClientEvents> = io(server.origin, {
    transports: ['websocket'],
    auth: server.liveCredentials(visitor),
    extraHeaders: { origin: server.context.env.PUBLIC_URL.origin, ...headers },
    forceNew: true,
    reconnection: false,
  });
  const events: { seq: number }[] = [];
  socket.on('alert', (event) => events.push(event));
  socket.on('decision', (event) => events.push(event));
  await new Promise<void>((resolve, reject) => {
    socket.once('hello', () => resolve());
    socket.once('connect_error', reject);
  });
  return { events, socket, close: () => socket.disconnect() };
}
