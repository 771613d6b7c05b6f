/** A worker has no door; where HEALTH_PORT is set, an orchestrator may ask whether it lives and whether its stores answer. */
import { createServer, type Server } from 'node:http';
import { pingDatabase } from '@plimsoll/storage';
import type { Context } from './context.js';

async function isReady({ db, redis }: Context): Promise<boolean> {
  const answers = await Promise.allSettled([pingDatabase(db), redis.ping()]);
  return answers.every(({ status }) => status === 'fulfilled');
}

/** That ClickHouse is away makes no worker unready: logs wait, within their bound. */
function historyOf({ history }: Context): unknown {
  if (history === undefined) return 'off';
  return { waitingCharacters: history.held, ...history.counts };
}

export function serveHealth({ host, port }: { host: string; port: number }, context: Context): Server {
  const server = createServer(async (request, response) => {
    const ok = request.url === '/healthz' || (request.url === '/readyz' && (await isReady(context)));
    const known = request.url === '/healthz' || request.url === '/readyz';
    response.writeHead(ok ? 200 : known ? 503 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: ok ? 'ok' : 'unavailable', history: historyOf(context) }));
  });
  return server.listen(port, host);
}
