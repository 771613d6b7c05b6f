/**
 * WebSocket handshakes and other upgrades of a server, whoever serves them (ws, socket.io, a framework's plugin): these
 * never pass middleware, so the server's own `upgrade` event is where the bouncer stands. Recorded when the connection has
 * ended: status 101 where it was upgraded, its whole duration, the bytes both ways.
 */
import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AdapterOptions } from './visit-options.js';
import { Visits } from './visits.js';

/** `routeOf` names the route, `/live`; without it, endpoints are learnt from the paths. */
export type UpgradeOptions = AdapterOptions<IncomingMessage> & { routeOf?: (request: IncomingMessage) => string | undefined };

/** Puts the bouncer before all listeners of the server's `upgrade` event, of now and later. Touches this server alone. */
export function guardUpgrades(server: Server, options: UpgradeOptions): Visits<IncomingMessage>['guard'] {
  const visits = new Visits<IncomingMessage>(options);
  const emit = server.emit;
  server.emit = function (this: Server, event: string | symbol, ...given: unknown[]): boolean {
    if (event !== 'upgrade') return Reflect.apply(emit, this, [event, ...given]);
    const [request, socket] = given as [IncomingMessage, Duplex];
    const verdict = visits.ask({
      subject: request,
      request,
      response: handshakeOf(request, socket),
      target: request.url ?? '/',
      routeOf: () => options.routeOf?.(request),
    });
    if (verdict.verdict === 'allow') return Reflect.apply(emit, this, [event, ...given]);
    const { status, headers, text } = visits.reply(verdict, request);
    const all = { ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.on('error', () => undefined).once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${lines.join('')}\r\n${text}`);
    return true;
  } as Server['emit'];
  return visits.guard;
}

const HEAD = /^HTTP\/1\.[01] ([1-5]\d\d) /;

/** Stands for the answer, which is written to the socket itself: its status is read from what is written first. */
function handshakeOf(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  const note = (chunk: unknown): void => {
    socket.write = write;
    socket.end = end;
    const text = typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('latin1', 0, 32) : '';
    const status = HEAD.exec(text)?.[1];
    if (status === undefined) return;
    Object.defineProperty(response, 'headersSent', { value: true });
    response.statusCode = Number(status);
  };
  const { write, end } = socket;
  socket.write = ((...given: unknown[]) => {
    note(given[0]);
    return Reflect.apply(write, socket, given);
  }) as Duplex['write'];
  socket.end = ((...given: unknown[]) => {
    note(given[0]);
    return Reflect.apply(end, socket, given);
  }) as Duplex['end'];
  socket.once('close', () => response.emit('close'));
  return response;
}
