/** What anybody may read: health, the public signing keys, whom to tell of a hole, the API's description with a readable page. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { pingDatabase } from '@plimsoll/storage';
import type { FastifyReply } from 'fastify';
import { Briefly } from '../api/briefly.js';
import { Open } from '../auth/guards.js';
import { KeyRing } from '../auth/key-ring.js';
import { type Context, InjectContext } from '../context.js';
import { openApiDocument } from './openapi.js';
import { ProblemError } from './problem.js';
import { contentPolicy } from './security.js';
import { securityText } from './security-txt.js';

const READY_MS = 2_000;
/** Nobody who asks over and over costs the stores more than once in this time. */
const HELD_MS = 1_000;
const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plimsoll admin API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="swagger"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
/** In a file of its own, because the content policy takes no inline script. */
const startScript =
  "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger', validatorUrl: null, supportedSubmitMethods: [] });\n";

@Open()
@Controller()
export class DocumentsController {
  private readonly document: unknown;
  private readonly ready = new Briefly<boolean>(HELD_MS);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly ring: KeyRing,
  ) {
    this.document = openApiDocument(context.env.PUBLIC_URL.origin);
  }

  @Get('/healthz')
  health(): { status: string } {
    return { status: 'ok' };
  }

  /** Ready: both stores answer. */
  @Get('/readyz')
  async readiness(): Promise<{ status: string }> {
    if (await this.ready.of('', this.context.now(), () => this.storesAnswer())) return { status: 'ok' };
    throw new ProblemError('unavailable', 'A store cannot be reached right now.', { retryAfterSeconds: 2 });
  }

  private storesAnswer(): Promise<boolean> {
    const { db, redis } = this.context;
    return Promise.race([
      Promise.all([pingDatabase(db), redis.ping()]).then(
        () => true,
        () => false,
      ),
      sleep(READY_MS, false, { ref: false }),
    ]);
  }

  /** `next` is listed an hour before it signs, so that ten minutes of caching never miss a key. */
  @Get('/.well-known/jwks.json')
  @Header('cache-control', 'public, max-age=600')
  keys() {
    return this.ring.jwks;
  }

  @Get('/.well-known/security.txt')
  @Header('content-type', 'text/plain; charset=utf-8')
  security(): string {
    const { SECURITY_CONTACT, PUBLIC_URL } = this.context.env;
    if (SECURITY_CONTACT) return securityText(SECURITY_CONTACT, PUBLIC_URL, this.context.now());
    throw new ProblemError('not-found', 'Nobody is named: set SECURITY_CONTACT.');
  }

  @Get('/openapi.json')
  openApi(): unknown {
    return this.document;
  }

  /** The viewer makes HTML of strings. It shows our own document, and nothing that a client wrote. */
  @Get('/docs')
  docs(@Res() reply: FastifyReply): FastifyReply {
    const policy = contentPolicy(this.context.env.PUBLIC_URL, false);
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page);
  }

  @Get('/docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  start(): string {
    return startScript;
  }

  @Get('/docs/:file')
  asset(@Param('file') file: string, @Res() reply: FastifyReply): FastifyReply {
    if (!swaggerFiles.includes(file)) throw new ProblemError('not-found', 'There is nothing here.');
    return reply.sendFile(file, swaggerFolder, { cacheControl: false });
  }
}
