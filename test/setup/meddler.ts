/** A TCP proxy between an SDK and ingestion that changes, keeps back, drips or swallows what the server says. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listening } from './listening.js';

export class Meddler {
  /** What becomes of each chunk that the server sends; undefined swallows it. */
  meddle: (chunk: Buffer) => Buffer | undefined = (chunk) => chunk;
  /** Milliseconds between two bytes that the server sends; 0 for all at once. */
  dripMs = 0;
  /** Everything that the server has sent, connection by connection. */
  readonly recorded: Buffer[][] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  url = '';

  constructor(private readonly target: string) {}

  async start(at = 0): Promise<this> {
    const { hostname, port } = new URL(this.target);
    this.#server = createServer((client) => {
      const server = connect(Number(port), hostname);
      const chunks: Buffer[] = [];
      this.recorded.push(chunks);
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => this.#sockets.delete(socket));
      }
      client.on('data', (chunk) => server.write(chunk));
      client.on('close', () => server.destroy());
      server.on('data', (chunk) => {
        chunks.push(chunk);
        const changed = this.meddle(chunk);
        if (changed === undefined) return;
        if (this.dripMs === 0) client.write(changed);
        else this.#drip(client, changed);
      });
      server.on('close', () => client.destroy());
    });
    this.url = `http://127.0.0.1:${await listening(this.#server, at)}`;
    return this;
  }

  #drip(client: Socket, bytes: Buffer): void {
    let at = 0;
    const timer = setInterval(() => {
      if (client.destroyed || at >= bytes.length) clearInterval(timer);
      else client.write(bytes.subarray(at, ++at));
    }, this.dripMs);
  }

  /** Ends every connection, as a network does that comes back. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server?.close(() => resolve()) ?? resolve());
  }
}
