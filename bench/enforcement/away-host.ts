/** A hello-world Fastify server under Plimsoll, alone in its process, that counts what nobody caught. Says its port, and its state when asked. */
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const [url = '', key = '', ready = ''] = process.argv.slice(2);
const ours = createRequire(join(process.cwd(), 'libs/sdk/package.json'));
let unhandled = 0;
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, () => {
    unhandled += 1;
  });
}

const { plimsollFastify } = await import(ours.resolve('@plimsoll/sdk/fastify'));
const plugin = plimsollFastify({
  url,
  key,
  onError: () => undefined,
  identify: (request: { headers: Record<string, string> }) => request.headers['x-user'],
});
const app = ours('fastify')();
app.register(plugin);
app.get('/hello', async () => ({ hello: 'world' }));
await app.listen({ port: 0, host: '127.0.0.1' });
if (ready === 'ready') await plugin.guard.ready(30_000);
process.on('message', () => process.send?.({ unhandled, stats: plugin.guard.stats(), rss: process.memoryUsage.rss() }));
process.send?.({ port: (app.server.address() as AddressInfo).port });
