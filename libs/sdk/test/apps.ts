/** A real listening Express app, version 4 or 5, with our middleware in it, and a Plimsoll for it to talk to. */
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { RequestLogInput } from '@plimsoll/contracts';
import express5, { type Express, type Request } from 'express';
import { type ExpressOptions, type PlimsollExpress, plimsollExpress } from '../src/express.js';
import { FakePlimsoll, KEY, until } from './fake-plimsoll.js';

// Express 4 has the same shape for what is used here; its own types are not installed.
const express4 = createRequire(import.meta.url)('express4') as typeof express5;

export const versions: [string, typeof express5][] = [
  ['Express 4', express4],
  ['Express 5', express5],
];

interface Listening {
  url: string;
  stop(): Promise<void>;
}

function listen(app: Express): Promise<Listening> {
  return new Promise((resolve) => {
    const server: Server = app.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        stop: () =>
          new Promise((stopped) => {
            server.close(() => stopped());
            server.closeAllConnections();
          }),
      }),
    );
  });
}

/** One protected app and its Plimsoll: made before each test, stopped after it. */
export class Stage {
  readonly server = new FakePlimsoll();
  #protect: PlimsollExpress<Request> | undefined;
  #listening: Listening | undefined;

  /** The middleware under test. */
  open(options: Partial<ExpressOptions<Request>> = {}): PlimsollExpress<Request> {
    const usual = { url: this.server.url, key: KEY, flushMs: 10, onError: () => undefined };
    this.#protect = plimsollExpress<Request>({ ...usual, ...options });
    return this.#protect;
  }
  get guard(): PlimsollExpress<Request>['guard'] {
    if (!this.#protect) throw new Error('not open yet');
    return this.#protect.guard;
  }
  get url(): string {
    return this.#listening?.url ?? '';
  }

  /** Listens, and waits for the first decisions. */
  async start(app: Express): Promise<void> {
    this.#listening = await listen(app);
    await this.guard.ready(10_000);
  }
  call(path: string, init: RequestInit = {}): Promise<globalThis.Response> {
    return fetch(this.url + path, init);
  }
  async logs(count: number): Promise<RequestLogInput[]> {
    await until(() => this.server.logs.length >= count, `${count} logs arrive`);
    return this.server.logs;
  }
  async stop(): Promise<void> {
    await this.#listening?.stop();
    await this.#protect?.guard.close(0);
    await this.server.stop();
  }
}
