/**
 * One child's output on disk: at most 5 MiB and one older file of the same size. When the disk cannot follow, lines are
 * dropped rather than held in memory, and their number is written down once it can.
 */
import { createWriteStream, openSync, renameSync, statSync, type WriteStream } from 'node:fs';

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_PENDING_BYTES = 1024 * 1024;

export class LogFile {
  private stream: WriteStream;
  private sizeBytes: number;
  private dropped = 0;

  constructor(
    readonly path: string,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.stream = this.open();
  }

  write(line: string): void {
    if (this.stream.writableLength > MAX_PENDING_BYTES) {
      this.dropped += 1;
      return;
    }
    if (this.dropped > 0) {
      const count = this.dropped;
      this.dropped = 0;
      this.write(`${count} lines dropped: the disk could not follow`);
    }
    const text = `${line}\n`;
    if (this.sizeBytes > 0 && this.sizeBytes + text.length > this.maxBytes) this.rotate();
    this.sizeBytes += Buffer.byteLength(text);
    this.stream.write(text);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.stream.once('close', () => resolve());
      this.stream.end();
    });
  }

  private open(): WriteStream {
    // Opened at once: a stream opens its file later, and a rename in between would send its lines elsewhere.
    const stream = createWriteStream(this.path, { fd: openSync(this.path, 'a', 0o600) });
    // A full disk must not end the product; its sentence comes from what stops working.
    stream.on('error', () => {});
    return stream;
  }

  private rotate(): void {
    // The old stream keeps its file through the rename and finishes what is pending there.
    this.stream.end();
    renameSync(this.path, `${this.path}.1`);
    this.stream = this.open();
    this.sizeBytes = 0;
  }
}
