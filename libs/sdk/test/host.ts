/** One host of any framework, listening on a real socket, and the Plimsoll that its SDK talks to. */
import { createServer, type RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FeedDecision, RequestLogInput } from '@plimsoll/contracts';
import type { Guard } from '../src/index.js';
import { FakePlimsoll, KEY, until } from './fake-plimsoll.js';

export class Host {
  readonly plimsoll = new FakePlimsoll();
  #server: Server | undefined;
  #guard: Guard | undefined;
  #before: () => Promise<unknown> = async () => undefined;

  /** For the adapter under test. */
  get options() {
    return { url: this.plimsoll.url, key: KEY, flushMs: 10, onError: () => undefined };
  }
  get guard(): Guard {
    if (!this.#guard) throw new Error('not started');
    return this.#guard;
  }
  get server(): Server {
    if (!this.#server) throw new Error('not started');
    return this.#server;
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens, unless the framework does so already, and waits for the first decisions where they come as usual. `before` is run before it stops. */
  async start(serve: Server | RequestListener, guard: Guard, before?: () => Promise<unknown>): Promise<void> {
    this.#guard = guard;
    if (before) this.#before = before;
    const server = serve instanceof Server ? serve : createServer(serve);
    this.#server = server;
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    if (!this.plimsoll.onFeed) await guard.ready(10_000);
  }
  call(path: string, init: RequestInit & { user?: string } = {}): Promise<globalThis.Response> {
    const headers = new Headers(init.headers);
    if (init.user !== undefined) headers.set('x-user', init.user);
    return fetch(this.url + path, { ...init, headers });
  }
  /** Publishes decisions and waits until they are held. */
  async decide(...decisions: FeedDecision[]): Promise<void> {
    this.plimsoll.publish(...decisions);
    await until(() => this.guard.stats().feedVersion === this.plimsoll.version, 'the decisions are held');
  }
  async logs(count: number): Promise<RequestLogInput[]> {
    await until(() => this.plimsoll.logs.length >= count, `${count} logs arrive`);
    return this.plimsoll.logs;
  }
  async stop(): Promise<void> {
    await this.#before();
    await new Promise<void>((resolve) => {
      if (!this.#server?.listening) return resolve();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#guard?.close(0);
    await this.plimsoll.stop();
  }
}
