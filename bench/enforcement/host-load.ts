/**
 * The other side of the contest, alone in its process: sends requests over connections that are kept open, one at a time
 * on each, by bare sockets so that it is faster than any server under test; and takes what these ship, as Plimsoll and as
 * a collector of traces would.
 */
import { type AddressInfo, connect, type Socket } from 'node:net';
import { key, sinkOf } from './host-sink.js';

const CONNECTIONS = 64;
const sink = sinkOf(Number(process.argv[2] ?? 0));

/** Sends for `seconds`, and counts the answers of 200. */
async function drive(
  port: number,
  seconds: number,
  headers: string,
): Promise<{ answered: number; failed: number; seconds: number }> {
  let answered = 0;
  let failed = 0;
  let going = true;
  const user = (index: number) => `x-user: user-${index}\r\n`;
  const one = (index: number) =>
    new Promise<Socket>((resolve, reject) => {
      const request = `GET /hello HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench/1\r\n${user(index)}${headers}\r\n`;
      const socket = connect(port, '127.0.0.1', () => socket.write(request));
      socket.setNoDelay().on('error', reject);
      let rest = '';
      socket.on('data', (data) => {
        rest += data.toString('latin1');
        const end = rest.indexOf('\r\n\r\n');
        const length = Number(/content-length: *(\d+)/i.exec(rest)?.[1] ?? 0);
        if (end < 0 || rest.length < end + 4 + length) return;
        if (rest.startsWith('HTTP/1.1 200')) answered += 1;
        else failed += 1;
        rest = '';
        if (going) socket.write(request);
        else resolve(socket.end());
      });
    });
  const started = performance.now();
  const all = Array.from({ length: CONNECTIONS }, (_, index) => one(index));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const took = (performance.now() - started) / 1000;
  const result = { answered, failed, seconds: took };
  going = false;
  await Promise.all(all);
  return { ...result, answered, failed };
}

process.on('message', (message: { port: number; seconds: number; headers: string } | 'end') => {
  if (message === 'end') process.exit();
  else void drive(message.port, message.seconds, message.headers).then((result) => process.send?.(result));
});
sink.listen(0, '127.0.0.1', () => process.send?.({ sink: `http://127.0.0.1:${(sink.address() as AddressInfo).port}`, key }));
