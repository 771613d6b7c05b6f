/**
 * The other side of the contest, alone in its process: sends requests over connections that are kept open, one at a time
 * on each, by bare sockets so that it is faster than any server under test; and takes what these ship, as Plimsoll and as
 * a collector of traces would.
 */
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

const CONNECTIONS = 64;
/** None of them is about anybody who asks: each has to be looked up and found absent. */
const decisions = Array.from({ length: Number(process.argv[2] ?? 0) }, (_, index) => ({
  id: `dec_${index}`,
  version: index + 1,
  action: 'block',
  subject: [
    { type: 'actor', id: `stranger-${index}` },
    { type: 'address', id: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}` },
    { type: 'credential', id: `cf_${index}` },
  ][index % 3],
  endpoint: null,
  rate: null,
  reason: 'bench',
  until: Date.now() + 3_600_000,
}));

let batches = 0;
const sink = createServer((request, response) => {
  request.resume().on('end', () => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sink');
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname !== '/v1/feed') {
      batches += 1;
      // The count of the accepted is not read apart from being sane.
      return json(pathname === '/v1/requests' ? 202 : 200, { accepted: 0, rejected: [], feedVersion: decisions.length });
    }
    const answer = () => json(200, { version: decisions.length, full: true, serverTime: Date.now(), decisions, lifted: [] });
    if (searchParams.get('since') === null) return answer();
    // Held, as the real one does; without news there is nothing to say for as long as a run lasts.
    const held = { version: decisions.length, full: false, serverTime: Date.now(), decisions: [], lifted: [] };
    setTimeout(() => json(200, held), 25_000).unref();
  });
});

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
  else void drive(message.port, message.seconds, message.headers).then((result) => process.send?.({ ...result, batches }));
});
sink.listen(0, '127.0.0.1', () => process.send?.({ sink: `http://127.0.0.1:${(sink.address() as AddressInfo).port}` }));
