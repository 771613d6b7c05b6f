/**
 * Listens where people look: `localhost` is 127.0.0.1 and, where the machine has it, ::1, since browsers try either.
 * Any other host is taken as it is.
 */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  port: number;
  /** Stops taking connections, lets open requests end for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

export async function listen(handler: RequestListener, host: string, port: number): Promise<Listening> {
  const first = await open(handler, host === 'localhost' ? '127.0.0.1' : host, port);
  const bound = (first.address() as AddressInfo).port;
  const second = host === 'localhost' ? await open(handler, '::1', bound).catch(withoutIpv6) : undefined;
  const servers = second ? [first, second] : [first];
  return {
    port: bound,
    close: async (graceMs) => {
      const cut = setTimeout(() => servers.forEach((server) => void server.closeAllConnections()), graceMs);
      await Promise.all(servers.map(closed));
      clearTimeout(cut);
    },
  };
}

async function open(handler: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer(handler);
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** A machine without IPv6 is fine; a port that somebody else holds there is not. */
function withoutIpv6(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES') throw error;
}

async function closed(server: Server): Promise<void> {
  const gone = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await gone;
}
