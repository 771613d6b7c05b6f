/**
 * What one connection may cost us: packets that it sends, and bytes that it does not read. Both end the connection at
 * once, without waiting for a client that may never answer.
 */
import type { Server, Socket } from 'socket.io';

/** Packets of any kind, pongs included, in ten seconds. A page sends a handful. */
const MAX_PACKETS = 60;
const WINDOW_MS = 10_000;
/** Bytes on this side that the client has not read; the kernel's own buffers come on top of it. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Counts every packet of every connection, before it is decoded into an event and before sign-in. */
export function limitPackets(server: Server, onFlood: () => void): void {
  server.engine.on('connection', (connection: Socket['conn']) => {
    let packets = 0;
    let windowEnd = 0;
    connection.on('packet', () => {
      const now = performance.now();
      if (now >= windowEnd) [packets, windowEnd] = [0, now + WINDOW_MS];
      packets += 1;
      if (packets <= MAX_PACKETS) return;
      onFlood();
      cut(connection);
    });
  });
}

/** Whether this client reads too slowly to be kept: what the socket holds, and the packets that wait behind it. */
export function isTooSlow({ conn }: Pick<Socket, 'conn'>): boolean {
  const { writeBuffer = [] } = conn as unknown as { writeBuffer?: { data?: { length?: number } }[] };
  let unread = conn.request.socket.writableLength;
  for (const { data } of writeBuffer) {
    unread += data?.length ?? 0;
    if (unread > MAX_UNREAD_BYTES) break;
  }
  return unread > MAX_UNREAD_BYTES;
}

/** Ends the TCP connection: a polite close would wait behind everything that was not read. */
export function cut(connection: Socket['conn']): void {
  connection.close(true);
  connection.request.socket.destroy();
}
