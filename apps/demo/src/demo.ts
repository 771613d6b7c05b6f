/** The demo as one thing that starts and stops: the shop behind Plimsoll's SDK, and its visitors. */
import { plimsollExpress } from '@plimsoll/sdk/express';
import type { Request } from 'express';
import type { Env } from './env.js';
import { listen } from './listen.js';
import { identify } from './shop/identity.js';
import { createShop } from './shop/shop.js';
import { runCrowd, worldAt } from './traffic/crowd.js';

export interface Demo {
  url: string;
  /** Lets open requests end, ships what was recorded; takes at most 7 s. */
  stop(): Promise<void>;
}

export async function startDemo(env: Env): Promise<Demo> {
  // The visitors say where they are by X-Forwarded-For, as a proxy in front of a real shop would.
  const middleware = plimsollExpress<Request>({
    url: env.PLIMSOLL_URL,
    key: env.PLIMSOLL_KEY,
    identify,
    trustedProxies: 1,
    onError: ({ code, message }) => console.error(JSON.stringify({ level: 'warn', code, message })),
  });
  let url = '';
  const shop = createShop(middleware, () => url);
  const listening = await listen(shop, env.HOST, env.PORT);
  url = `http://${env.HOST === '0.0.0.0' || env.HOST === '::' ? 'localhost' : env.HOST}:${listening.port}`;
  const leaving = new AbortController();
  const crowd = env.TRAFFIC === 'on' ? runCrowd(worldAt(url, leaving.signal), leaving.signal) : Promise.resolve();
  return {
    url,
    stop: async () => {
      leaving.abort();
      await Promise.all([listening.close(2_000), crowd]);
      await middleware.guard.close(5_000);
    },
  };
}
