/** A way to a server that a test can cut and mend: what a store looks like that is away for a while. */
import { connect, createServer, type Socket } from 'node:net';
import { listening } from './listening.js';

export class Wire {
  readonly #sockets = new Set<Socket>();
  #server = createServer();
  #port = 0;

  constructor(private readonly target: URL) {}

  /** @returns the target's URL by way of this wire; the same each time. */
  async open(): Promise<string> {
    this.#server = createServer((near) => {
      const far = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    this.#port = await listening(this.#server, this.#port);
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
