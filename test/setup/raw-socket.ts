/** A websocket client that does what no library would: any frame, any header, no reading. RFC 6455, client side, no extensions. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

export interface Upgrade {
  /** 101, or the status with which the server refused. */
  status: number;
  connection?: RawSocket;
}

export class RawSocket {
  /** Text of every frame read so far. */
  readonly frames: string[] = [];
  readonly closed: Promise<void>;
  private pending: Buffer;

  constructor(
    readonly tcp: Socket,
    head: Buffer,
  ) {
    this.pending = head;
    this.closed = new Promise((resolve) => {
      tcp.once('close', () => resolve());
    });
    tcp.on('error', () => undefined);
    tcp.on('data', (chunk: Buffer) => {
      this.pending = Buffer.concat([this.pending, chunk]);
      this.readFrames();
    });
    this.readFrames();
  }

  send(data: string | Uint8Array, opcode = typeof data === 'string' ? 1 : 2): void {
    const payload = Buffer.from(data as string);
    const mask = randomBytes(4);
    const masked = payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
    const length = payload.length;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const head = Buffer.alloc(2 + extended);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
    if (extended === 2) head.writeUInt16BE(length, 2);
    if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
    if (!this.tcp.destroyed) this.tcp.write(Buffer.concat([head, mask, masked]));
  }

  /** The first frame that matches, read or yet to come. */
  async frame(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.frames.find((text) => pattern.test(text));
      if (found !== undefined) return found;
      if (this.tcp.destroyed) throw new Error(`closed before ${pattern}: ${this.frames.join(' ').slice(0, 200)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private readFrames(): void {
    for (;;) {
      const short = (this.pending[1] ?? 0) & 0x7f;
      const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
      if (this.pending.length < 2 + extended) return;
      const length =
        extended === 0 ? short : extended === 2 ? this.pending.readUInt16BE(2) : Number(this.pending.readBigUInt64BE(2));
      const end = 2 + extended + length;
      if (this.pending.length < end) return;
      if (((this.pending[0] ?? 0) & 0x0f) === 8) this.tcp.end();
      this.frames.push(this.pending.subarray(2 + extended, end).toString('utf8'));
      this.pending = this.pending.subarray(end);
    }
  }
}

/** Asks for an upgrade; `headers` replace ours by name, and undefined leaves one out. */
export function openRaw(url: string, headers: Record<string, string | undefined> = {}): Promise<Upgrade> {
  const wanted = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: sent });
    asked.once('upgrade', (answer, tcp, head) => {
      resolve({ status: answer.statusCode ?? 0, connection: new RawSocket(tcp as Socket, head) });
    });
    asked.once('response', (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0 });
    });
    asked.once('error', reject);
    asked.end();
  });
}
