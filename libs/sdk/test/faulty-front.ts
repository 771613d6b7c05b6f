/** A real server in front of a good one: passes on what comes, or misbehaves, as it is told. */
import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { listening } from '../../../test/setup/listening.js';

export const faults = ['down', 'hanging', 'dripping', 'rubbish', 'endless', 'redirect'] as const;
export type Mode = 'well' | (typeof faults)[number];

const GIB = 2 ** 30;
const DRIP_MS = 50;
const CHUNK = Buffer.alloc(65_536, 97);

export class FaultyFront {
  /** Bytes poured out by an endless answer. */
  poured = 0;
  #mode: Mode = 'well';
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));

  constructor(private readonly target: number) {}

  get port(): number {
    return this.#port;
  }

  async start(): Promise<this> {
    this.#port = await listening(this.#server, this.#port);
    return this;
  }

  /** Cuts all connections, so that the next ones are met in the new way. */
  async become(mode: Mode): Promise<void> {
    const wasDown = this.#mode === 'down';
    this.#mode = mode;
    if (mode === 'down' && !wasDown) await this.stop();
    else for (const socket of this.#sockets) socket.destroy();
    if (mode !== 'down' && wasDown) await this.start();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    const mode = this.#mode;
    if (mode === 'well') this.#passOn(socket);
    else socket.on('data', () => undefined);
    if (mode === 'dripping') drip(socket);
    if (mode === 'rubbish') socket.on('data', () => socket.write(randomBytes(4_096)));
    if (mode === 'endless') socket.once('data', () => this.#pour(socket));
    if (mode === 'redirect') {
      const head = `HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:${this.target}/v1/elsewhere\r\n`;
      socket.on('data', () => socket.write(`${head}content-length: 0\r\n\r\n`));
    }
  }

  #passOn(socket: Socket): void {
    const onward = connect(this.target, '127.0.0.1');
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    socket.setNoDelay().pipe(onward.setNoDelay()).pipe(socket);
  }

  /** A gibibyte, as fast as it is taken. */
  #pour(socket: Socket): void {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${GIB}\r\n\r\n`);
    let left = GIB;
    const more = (): void => {
      if (socket.destroyed || left <= 0) return;
      left -= CHUNK.length;
      this.poured += CHUNK.length;
      socket.write(CHUNK, () => setImmediate(more));
    };
    more();
  }
}

/** A head, and then a byte now and then, for ever. */
function drip(socket: Socket): void {
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
    const timer = setInterval(() => socket.write(':'), DRIP_MS);
    socket.once('close', () => clearInterval(timer));
  });
}
