/** The product's own ports, looked at before anything starts: a port that is taken is one sentence, not a crash loop. */
import { createServer } from 'node:net';
import { Fault } from '../fault.js';

/** admin on N, ingest on N+1, demo on N+2. */
export interface Ports {
  admin: number;
  ingest: number;
  demo: number;
}

export function portsFrom(first: number): Ports {
  return { admin: first, ingest: first + 1, demo: first + 2 };
}

/** Whether one address of this machine can be listened on; one that the machine does not have is no obstacle. */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Throws a Fault that names the first taken port and what wanted it. */
export async function requireFree(ports: Partial<Ports>): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    for (const host of ['127.0.0.1', '::1']) {
      if (await isFree(port, host)) continue;
      throw new Fault(
        `Port ${port}, wanted for ${name}, is taken by another program or not allowed: stop that program, or choose other ports with --port N (admin N, ingest N+1, demo N+2).`,
      );
    }
  }
}
