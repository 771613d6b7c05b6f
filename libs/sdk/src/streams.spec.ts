import { Agent, request as httpRequest, type RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Host } from '../test/host.js';
import { plimsollHttp } from './http.js';

let host: Host;
beforeEach(async () => {
  host = new Host();
  await host.plimsoll.start();
});
afterEach(() => host.stop());

const open = async (listener: RequestListener) => {
  const bouncing = plimsollHttp(host.options, listener);
  await host.start(bouncing, bouncing.guard);
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('streaming answers', () => {
  it('are recorded at their end: server-sent events with the whole duration and what was written', async () => {
    await open(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let n = 0; n < 3; n += 1) {
        response.write(`data: ${'x'.repeat(1_000)}\n\n`);
        await pause(30);
      }
      response.end();
    });
    const answer = await host.call('/events');
    expect(host.plimsoll.logs).toEqual([]);
    await answer.text();
    const [log] = await host.logs(1);
    expect(log).toMatchObject({ path: '/events', status: 200, bytesIn: 0 });
    expect(log?.durationMs).toBeGreaterThan(85);
    expect(log?.bytesOut).toBeGreaterThan(3_000);
    expect(log?.bytesOut).toBeLessThan(3_500);
  });

  it('that the client leaves half-way have the status sent, the time until then, and what had gone out', async () => {
    await open((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000000' });
      response.write('y'.repeat(5_000));
    });
    const answer = await host.call('/download');
    await answer.body?.getReader().read();
    await pause(40);
    host.server.closeAllConnections();
    const [log] = await host.logs(1);
    expect(log).toMatchObject({ status: 200 });
    expect(log?.durationMs).toBeGreaterThan(35);
    expect(log?.bytesOut).toBeGreaterThan(5_000);
    expect(log?.bytesOut).toBeLessThan(6_000);
  });

  it('are counted by themselves on a connection that serves several', async () => {
    await open((request, response) => {
      request.resume();
      request.on('end', () => {
        response.write('z'.repeat(request.url === '/large' ? 20_000 : 10));
        response.end();
      });
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (path: string, chunks: string[]) =>
      new Promise((resolve, reject) => {
        const sent = httpRequest(host.url + path, { agent, method: 'POST' }, (answer) => answer.resume().on('end', resolve));
        sent.on('error', reject);
        for (const chunk of chunks) sent.write(chunk);
        sent.end();
      });
    // In two parts, so that they are sent in chunks, of no stated length.
    await send('/large', ['a'.repeat(4_000), 'a'.repeat(4_000)]);
    await send('/small', ['b', 'b']);
    agent.destroy();
    const [large, small] = await host.logs(2);
    expect([large?.path, small?.path]).toEqual(['/large', '/small']);
    for (const [log, low, high] of [
      [large, 7_000, 9_000],
      [small, 0, 500],
    ] as const) {
      expect(log?.bytesIn).toBeGreaterThanOrEqual(low);
      expect(log?.bytesIn).toBeLessThan(high);
    }
    expect(large?.bytesOut).toBeGreaterThan(20_000);
    expect(small?.bytesOut).toBeLessThan(500);
  });

  it('of an upload that its client gives up are 499, with what had come in', async () => {
    await open((request) => void request.resume());
    const sent = httpRequest(`${host.url}/upload`, { method: 'POST' }).on('error', () => undefined);
    sent.write('c'.repeat(3_000));
    await pause(40);
    sent.write('c'.repeat(3_000));
    await pause(20);
    sent.destroy();
    const [log] = await host.logs(1);
    expect(log).toMatchObject({ path: '/upload', status: 499, bytesOut: 0 });
    expect(log?.bytesIn).toBeGreaterThan(2_900);
  });

  it('without a body have none: HEAD and 304', async () => {
    await open((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 304, { 'content-length': '5000' }).end();
    });
    await host.call('/a', { method: 'HEAD' });
    await host.call('/b');
    for (const log of await host.logs(2)) expect(log.bytesOut).toBeLessThan(300);
  });
});
