/**
 * The dashboard's files. Paths without a file ending are the page itself, which routes in the browser. It is the last
 * controller of the module: everything that nobody else answers comes here.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Open } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from './problem.js';

const NOT_THERE =
  'The admin API runs, but it was started without the built dashboard: set DASHBOARD_DIR to apps/dashboard/dist. The API is described at /docs.\n';

@Open()
@Controller()
export class DashboardController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Get(['/', '/*'])
  file(@Req() request: FastifyRequest, @Res() reply: FastifyReply): FastifyReply {
    const path = request.url.split('?', 1)[0] ?? '/';
    if (/^\/(api|v1|socket\.io)(\/|$)/.test(path)) throw new ProblemError('not-found', 'There is nothing here.');
    const root = this.context.env.DASHBOARD_DIR;
    if (root === undefined || !existsSync(join(root, 'index.html')))
      return reply.type('text/plain; charset=utf-8').send(NOT_THERE);
    const isFile = /\.[a-z0-9]+$/i.test(path);
    if (!isFile) return reply.header('cache-control', 'no-cache').sendFile('index.html', root, { cacheControl: false });
    // Vite names the files in assets/ by a hash of their content.
    const hashed = path.startsWith('/assets/');
    return reply
      .header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      .sendFile(decodeURIComponent(path.slice(1)), root, { cacheControl: false });
  }
}
