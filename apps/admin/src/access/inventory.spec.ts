/** T53: every way in is one of the contract or says that it is open; what the router knows, what OpenAPI lists and what is here are one. */
import { Get } from '@nestjs/common';
import { SubscribeMessage } from '@nestjs/websockets';
import { adminApi, FIRST_NONCE_PATH, type Operation } from '@plimsoll/contracts';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../../test/setup/admin-server.js';
import { createApp } from '../app.js';
import { Open } from '../auth/guards.js';
import { REPORT_PATH } from '../http/security.js';
import { unguarded } from './inventory.js';
import { Asks } from './policy-guard.js';

/** What `@decorator` does; specs are not compiled with decorators. */
function decorate(type: { prototype: object }, name: string, ...decorators: MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
  for (const each of decorators) if (descriptor) each(type.prototype, name, descriptor);
}

describe('a way in', () => {
  it('without an action is found, on whatever class', () => {
    class Shadow {
      read(): string {
        return 'open';
      }
      health(): string {
        return 'ok';
      }
    }
    class Gateway {
      shadow(): void {}
      renew(): void {}
    }
    decorate(Shadow, 'read', Get('/api/shadow'));
    decorate(Shadow, 'health', Get('/healthz'), Open());
    decorate(Gateway, 'shadow', SubscribeMessage('shadow'));
    decorate(Gateway, 'renew', SubscribeMessage('renew'), Asks('session.renew'));
    expect(unguarded([Shadow, Gateway])).toEqual(['Shadow.read', 'Gateway.shadow']);
  });
});

describe('the routes', () => {
  let server: AdminServer;
  beforeAll(async () => {
    server = await AdminServer.start();
  });
  afterAll(() => server?.close());

  /** Beside the contract: health, keys, documents, the pages and what they say before anybody is signed in. */
  const open = [
    ...['/healthz', '/readyz', '/.well-known/jwks.json', '/.well-known/security.txt', '/openapi.json', FIRST_NONCE_PATH].map(
      (path) => `GET ${path}`,
    ),
    ...['/docs', '/docs/start.js', '/docs/:file', '/', '/*'].map((path) => `GET ${path}`),
    `POST ${REPORT_PATH}`,
  ];

  it('that the router knows are those of the contract and the open ones, and no other', async () => {
    const app = await createApp(server.context);
    const router: FastifyInstance = app.getHttpAdapter().getInstance();
    const found: string[] = [];
    router.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) found.push(`${each} ${url}`);
    });
    await app.init();
    const contract = Object.values(adminApi).map(({ method, path }: Operation) => `${method} ${path.replace('{id}', ':id')}`);
    // Fastify answers HEAD wherever there is a GET, by the same guards.
    expect(found.filter((route) => !route.startsWith('HEAD ')).sort()).toEqual([...contract, ...open].sort());
    await app.close();
  });
});
