/**
 * What one connection may cost us: packets that it sends, and bytes that it does not read. Both end the connection at
 * once, without waiting for a client that may never answer.
 */
import type { Server, Socket } from 'socket.io';

/** Packets of any kind, pongs included, in ten seconds. A page sends a handful. */
const MAX_PACKETS = 60;
const WINDOW_MS = 10_000;
/** Unread by the client: bytes in the kernel's waiting line, and packets behind them. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const MAX_UNREAD_PACKETS = 256;

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

/** Whether this client reads too slowly to be kept. */
export function isTooSlow({ conn }: Pick<Socket, 'conn'>): boolean {
  const waiting = conn as unknown as { writeBuffer?: unknown[] };
  return conn.request.socket.writableLength > MAX_UNREAD_BYTES || (waiting.writeBuffer?.length ?? 0) > MAX_UNREAD_PACKETS;
}

/** Ends the TCP connection: a polite close would wait behind everything that was not read. */
export function cut(connection: Socket['conn']): void {
  connection.close(true);
  connection.request.socket.destroy();
}
