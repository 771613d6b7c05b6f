/**
 * Listens for servers of a test. Who lets a port go and wants it back may find it taken by any connection that goes out, since its
 * number is one of those that the system gives them: it is asked for until that one is over.
 */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 10_000;

/**
 * On loopback.
 * @param port 0 for any that is free
 * @returns the port that it got
 * @throws where the port stays taken, and what else stands against listening
 */
export async function listening(server: Server, port = 0): Promise<number> {
  const end = performance.now() + WITHIN_MS;
  for (;;) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > end) throw error;
      await sleep(100);
    }
  }
}
